package sweep

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
)

// maxBody bounds a request, which is a handful of fields.
const maxBody = 64 << 10

// Handler answers Cloud Scheduler and the operators. Who may call it is the business of
// Cloud Run's IAM: nobody but the invoker's account.
type Handler struct {
	sweeper *Sweeper
	log     func(*http.Request) *slog.Logger
}

// NewHandler returns the HTTP side of the sweeper. log gives the logger for a request.
func NewHandler(s *Sweeper, log func(*http.Request) *slog.Logger) *Handler {
	return &Handler{sweeper: s, log: log}
}

// ServeHTTP runs one sweep and answers its [Report]: 200 for a run that came to an end,
// a paused or refused one too; 500 for one that could not read the ledger, so that
// Scheduler tries again; 400 for a body that is not a [Request].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return
	}
	request, err := decodeRequest(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	report, err := h.sweeper.Run(r.Context(), request, h.log(r))
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_ = json.NewEncoder(w).Encode(report) // the caller has gone; the report is in the log
}

func decodeRequest(body io.Reader) (Request, error) {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields() // a misspelt dryRun must not retire anything
	var request Request
	if err := decoder.Decode(&request); err != nil && !errors.Is(err, io.EOF) {
		return Request{}, errors.New(`the body must be empty or like {"dryRun":true,"limit":10}`)
	}
	if request.Limit < 0 {
		return Request{}, errors.New("limit must not be negative")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Request{}, errors.New("the body must be one JSON object")
	}
	return request, nil
}
