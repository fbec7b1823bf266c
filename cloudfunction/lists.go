package function

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// list is several, separated by commas. parse says what is wrong with an item.
func list[T any](field func(*Config) *[]T, parse func(item string) (T, error)) Form {
	return Form{
		read: func(c *Config, text string) error {
			items := split(text)
			if len(items) == 0 {
				return errNothing
			}
			var faults []error
			for _, item := range items {
				value, err := parse(item)
				*field(c) = append(*field(c), value)
				faults = append(faults, err)
			}
			return errors.Join(faults...)
		},
		show: func(c *Config) any { return *field(c) },
	}
}

func split(text string) (items []string) {
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func sids(kind string, field func(*Config) *[]string) Form {
	return list(field, func(item string) (string, error) {
		if !channel.IsSID(item, kind) {
			return "", fmt.Errorf("each must be %s and 32 hexadecimal digits, but one is %q", kind, item)
		}
		return item, nil
	})
}

func ranges(field func(*Config) *[]netip.Prefix) Form {
	return list(field, func(item string) (netip.Prefix, error) {
		r, err := netip.ParsePrefix(item)
		if err != nil {
			return r, fmt.Errorf("each must be a network like 203.0.113.0/24, but one is %q", item)
		}
		return r.Masked(), nil
	})
}

// retentions are durations by channel type.
func retentions(most time.Duration, field func(*Config) *map[string]time.Duration) Form {
	return Form{
		read: func(c *Config, text string) error {
			byType := map[string]time.Duration{}
			var faults []error
			for _, item := range split(text) {
				name, kept, _ := strings.Cut(item, "=")
				name = strings.TrimSpace(name)
				d, err := time.ParseDuration(strings.TrimSpace(kept))
				_, twice := byType[name]
				switch {
				case err != nil || d < 0 || d > most:
					faults = append(faults, fmt.Errorf("must be like web=1h,whatsapp=24h, but one item is %q", item))
				case !channel.IsType(name):
					faults = append(faults, fmt.Errorf("names the channel type %q, which is none of %s", name, strings.Join(channel.Types(), ", ")))
				case twice:
					faults = append(faults, fmt.Errorf("names %s twice", name))
				default:
					byType[name] = d
				}
			}
			*field(c) = byType
			return errors.Join(faults...)
		},
		show: func(c *Config) any {
			shown := map[string]string{}
			for name, d := range *field(c) {
				shown[name] = written(d)
			}
			return shown
		},
	}
}
