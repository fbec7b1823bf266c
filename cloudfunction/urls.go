package function

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// webhooks are URLs, which may have a password in them: neither a fault nor the log shows one.
func webhooks(field func(*Config) *[]string) Form {
	f := list(field, func(item string) (string, error) {
		u, err := url.Parse(item)
		switch {
		case err != nil || u.Host == "" || u.Fragment != "":
			err = errors.New("each must be an absolute URL, as the sink has it")
		case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
			err = errors.New("each must begin with https:// (http:// only on this machine)")
		case u.Query().Has("bodySHA256"):
			err = errors.New("must not contain bodySHA256: Twilio adds it")
		}
		return item, err
	})
	f.show = func(c *Config) any { return len(*field(c)) }
	return f
}

// loopback is the URL of a server on this machine: credentials go there.
func loopback(field func(*Config) **url.URL) Form {
	f := form("like http://127.0.0.1:8080, on this machine and without a path", field, func(text string) (*url.URL, bool) {
		u, err := url.Parse(text)
		return u, err == nil && u.Scheme == "http" && isLoopback(u.Hostname()) && strings.Trim(u.Path, "/") == "" && u.RawQuery == ""
	})
	f.show = func(c *Config) any {
		if u := *field(c); u != nil {
			return u.String()
		}
		return ""
	}
	return f
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
