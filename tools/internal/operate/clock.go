package operate

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// fakeClock returns the clock of the fake Twilio at base, which is turned by hand. It is
// asked once at first, so that a fake that does not run is told at once.
func fakeClock(ctx context.Context, client *http.Client, base *url.URL) (func() time.Time, error) {
	last, err := fakeTime(ctx, client, base)
	if err != nil {
		return nil, fmt.Errorf("read the clock of the fake Twilio at %s (does it run?): %w", base, err)
	}
	return func() time.Time {
		if now, err := fakeTime(ctx, client, base); err == nil {
			return now
		}
		return last // it has just ended, and every other request will say so
	}, nil
}

func fakeTime(ctx context.Context, client *http.Client, base *url.URL) (time.Time, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base.JoinPath("_fake", "clock").String(), nil)
	if err != nil {
		return time.Time{}, err
	}
	res, err := client.Do(req)
	if err != nil {
		return time.Time{}, err
	}
	defer res.Body.Close()
	var answer struct {
		Now time.Time `json:"now"`
	}
	err = json.NewDecoder(res.Body).Decode(&answer)
	return answer.Now, err
}
