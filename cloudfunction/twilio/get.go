package twilio

import (
	"context"
	"encoding/json"
	"fmt"
)

// Get reads the JSON of one resource into answer, by its full address: for what twilio-go
// has no call, or reads so that numbers and escapes come back changed. The operation names
// it in the error, an [Error] where Twilio refused.
func (c *Client) Get(ctx context.Context, operation, address string, answer any) error {
	res, err := c.Handler(ctx).Get(address, nil, map[string]any{}, "")
	if err != nil {
		return Wrap(operation, err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	if err := json.NewDecoder(res.Body).Decode(answer); err != nil {
		return fmt.Errorf("%s: read the answer: %w", operation, err)
	}
	return nil
}
