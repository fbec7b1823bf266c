package function

import (
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
)

// newLogger writes Cloud Logging's structured JSON: severity, message, time
// (https://cloud.google.com/logging/docs/structured-logging).
func newLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: cloudLogging}))
}

func cloudLogging(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.MessageKey:
		a.Key = "message"
	case slog.LevelKey:
		level, _ := a.Value.Any().(slog.Level)
		return slog.String("severity", severity(level))
	}
	return a
}

// severity translates slog's levels; only WARN is called otherwise.
func severity(level slog.Level) string {
	if level == slog.LevelWarn {
		return "WARNING"
	}
	return level.String()
}

// traceID is what Google gives: 32 hexadecimal digits.
var traceID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// requestLogger returns the logger of a request, which links its lines to the request's
// trace: X-Cloud-Trace-Context is TRACE_ID/SPAN_ID;o=OPTIONS.
func requestLogger(log *slog.Logger, project string) func(*http.Request) *slog.Logger {
	return func(r *http.Request) *slog.Logger {
		trace, _, _ := strings.Cut(r.Header.Get("X-Cloud-Trace-Context"), "/")
		if project == "" || !traceID.MatchString(trace) {
			return log
		}
		return log.With("logging.googleapis.com/trace", "projects/"+project+"/traces/"+trace)
	}
}
