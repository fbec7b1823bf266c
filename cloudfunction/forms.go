package function

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// Form is how the text of a setting is read, and what it may say.
type Form struct {
	Expected    string   // completes the sentence "… must be"; "" where each item of a list has its own
	Least, Most string   // the bounds of a number or a duration, as they are written
	Words       []string // all that there are, where there is a list of them

	read func(c *Config, text string) error
	show func(c *Config) any // for the log, without secrets
}

// errNothing is told by a list that is nothing but commas.
var errNothing = errors.New("nothing")

// form is one that keeps what parse makes of the text in a field of the configuration.
func form[T any](expected string, field func(*Config) *T, parse func(text string) (value T, ok bool)) Form {
	return Form{
		Expected: expected,
		read: func(c *Config, text string) error {
			value, ok := parse(text)
			if !ok {
				return fmt.Errorf("must be %s, but is %q", expected, text)
			}
			*field(c) = value
			return nil
		},
		show: func(c *Config) any { return *field(c) },
	}
}

func text(field func(*Config) *string) Form {
	return form("a text", field, func(text string) (string, bool) { return text, true })
}

func sid(kind string, field func(*Config) *string) Form {
	return form(kind+" and 32 hexadecimal digits", field, func(text string) (string, bool) { return text, channel.IsSID(text, kind) })
}

var prefixPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func prefix(field func(*Config) *string) Form {
	return form("1 to 64 letters, digits, _ or -", field, func(text string) (string, bool) { return text, prefixPattern.MatchString(text) })
}

// word is one of a list.
func word[T ~string](field func(*Config) *T, words ...T) Form {
	var names []string
	for _, w := range words {
		names = append(names, string(w))
	}
	f := form(strings.Join(names, " or "), field, func(text string) (T, bool) { return T(text), slices.Contains(words, T(text)) })
	f.Words = names
	return f
}

func onOff(field func(*Config) *bool) Form {
	f := form("on or off", field, func(text string) (on, ok bool) { return text == "on", text == "on" || text == "off" })
	f.Words = []string{"on", "off"}
	f.show = func(c *Config) any {
		if *field(c) {
			return "on"
		}
		return "off"
	}
	return f
}

// bounded is a number or a duration; write is how its bounds are written.
func bounded[T cmp.Ordered](kind string, least, most T, field func(*Config) *T, parse func(string) (T, error), write func(T) string) Form {
	expected := fmt.Sprintf("%s from %s to %s", kind, write(least), write(most))
	f := form(expected, field, func(text string) (T, bool) {
		value, err := parse(text)
		return value, err == nil && least <= value && value <= most // false for NaN
	})
	f.Least, f.Most = write(least), write(most)
	return f
}

func integer(least, most int, field func(*Config) *int) Form {
	return bounded("a whole number", least, most, field, strconv.Atoi, strconv.Itoa)
}

func number(least, most float64, field func(*Config) *float64) Form {
	parse := func(text string) (float64, error) { return strconv.ParseFloat(text, 64) }
	write := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	return bounded("a number", least, most, field, parse, write)
}

func duration(least, most time.Duration, field func(*Config) *time.Duration) Form {
	f := bounded("a duration like 90m or 48h,", least, most, field, time.ParseDuration, written)
	f.show = func(c *Config) any { return written(*field(c)) }
	return f
}

// written is a duration as people write it: 48h, not 48h0m0s.
func written(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

var alphanumeric = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// secret is a credential, whose value is told nowhere. One that is malformed is kept, so
// that it is not reported as missing, too.
func secret(field func(*Config) *string) Form {
	return Form{
		read: func(c *Config, text string) error {
			*field(c) = text
			if !alphanumeric.MatchString(text) {
				return errors.New("must consist of letters and digits only, as Twilio's credentials do")
			}
			return nil
		},
		show: func(c *Config) any { return *field(c) != "" },
	}
}
