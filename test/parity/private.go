package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// suspicions are what must not stand in a golden file, whatever normalising made of it.
var suspicions = []struct {
	what    string
	pattern *regexp.Regexp
}{
	{"a SID", sidPattern},
	{"a telephone number", regexp.MustCompile(`\+[0-9][0-9 ().-]{6,}|\b[0-9]{3}[ .-][0-9]{3}[ .-][0-9]{4}\b`)},
	{"a mail address", regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.]+`)},
	{"an IP address", regexp.MustCompile(`\b[0-9]{1,3}(\.[0-9]{1,3}){3}\b`)},
	{"a secret", regexp.MustCompile(`[0-9a-f]{24,}|[A-Za-z0-9+/_-]{40,}`)},
}

// hosts may be named in a golden file.
var hosts = regexp.MustCompile(`https?://([a-z0-9.-]+\.)?(twilio\.com|example\.com)\b`)

var addresses = regexp.MustCompile(`https?://[^<"\s]*`)

// private says what in the exchanges looks like a number, an address, a name or a secret, and where; empty if nothing does.
func private(exchanges []exchange, secrets []string) string {
	for _, e := range exchanges {
		if found := privateIn("", plain(e), secrets); found != "" {
			return "step " + e.Step + ": " + found
		}
	}
	return ""
}

// privateIn looks into a JSON value below the field of that name.
func privateIn(name string, value any, secrets []string) string {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range sortedKeys(value) {
			if found := privateIn(key, value[key], secrets); found != "" {
				return found
			}
		}
	case []any:
		for _, element := range value {
			if found := privateIn(name, element, secrets); found != "" {
				return found
			}
		}
	case string:
		return privateText(name, value, secrets)
	}
	return ""
}

func privateText(name, value string, secrets []string) string {
	for _, secret := range secrets {
		if secret != "" && strings.Contains(value, secret) {
			return "field " + name + " holds one of the credentials"
		}
	}
	if slices.Contains(names, name) && !strings.HasPrefix(value, "<") && !slices.Contains(constantNames, value) {
		return fmt.Sprintf("field %s holds what may be a name", name)
	}
	for _, found := range addresses.FindAllString(value, -1) {
		if !hosts.MatchString(found) {
			return "field " + name + " holds an address"
		}
	}
	for _, s := range suspicions {
		if s.pattern.MatchString(withoutAddresses(value)) {
			return fmt.Sprintf("field %s holds what looks like %s", name, s.what)
		}
	}
	return ""
}

// withoutAddresses takes Twilio's addresses out: their paths are long.
func withoutAddresses(value string) string {
	return addresses.ReplaceAllStringFunc(value, func(found string) string { return sidPattern.FindString(found) })
}
