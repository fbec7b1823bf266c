// Package inventory reads what Twilio has now: the channels of a chat service, its
// conversations, the tasks of TaskRouter. It only reads.
//
// Lists are read page by page and handed over as they come, so that a service of any
// size needs little memory, and so that the first channels are at work while the last
// ones are still being listed.
package inventory

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// pages reads a list from its first page on and gives each page to visit, which returns
// the address of the next one, nil for none. Addresses are followed verbatim: their
// tokens are opaque. One request a page.
func pages[P any](ctx context.Context, c *twilio.Client, operation, first string, visit func(*P) (next *string, err error)) error {
	for next := &first; next != nil; {
		page, err := get[P](ctx, c, operation, *next)
		if err != nil {
			return err
		}
		if next, err = visit(page); err != nil {
			return err
		}
	}
	return nil
}

// get reads one page.
func get[P any](ctx context.Context, c *twilio.Client, operation, address string) (*P, error) {
	res, err := c.Handler(ctx).Get(address, nil, map[string]any{}, "")
	if err != nil {
		return nil, twilio.Wrap(operation, err)
	}
	defer res.Body.Close()
	page := new(P)
	if err := json.NewDecoder(res.Body).Decode(page); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	return page, nil
}
