package faketwilio

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// meta is the page information of a list answer.
type meta struct {
	FirstPageURL    string  `json:"first_page_url"`
	Key             string  `json:"key"`
	NextPageURL     *string `json:"next_page_url"`
	Page            int     `json:"page"`
	PageSize        int     `json:"page_size"`
	PreviousPageURL *string `json:"previous_page_url"`
	URL             string  `json:"url"`
}

// pageRequest is what a client asks of a list.
type pageRequest struct {
	size, number int
	pageToken
}

// pageToken is a place in a list: clients see it as "PT" and base64 of JSON, and must not look inside.
type pageToken struct {
	Place  uint64 `json:"place"` // sequence number next to which the page lies; 0 for the first page
	Back   bool   `json:"back,omitempty"`
	Issued int64  `json:"issued"` // seconds since 1970
}

func (t pageToken) String() string {
	return "PT" + base64.RawURLEncoding.EncodeToString(mustJSON(t))
}

// readPage reads PageSize, Page and PageToken.
func (c *call) readPage(maximum int) (pageRequest, error) {
	p := pageRequest{size: 50}
	var err error
	if text := c.query.Get("PageSize"); text != "" {
		if p.size, err = strconv.Atoi(text); err != nil || p.size < 1 || p.size > maximum {
			return p, invalid("Page size must be between 1 and %d", maximum)
		}
	}
	if text := c.query.Get("Page"); text != "" {
		if p.number, err = strconv.Atoi(text); err != nil || p.number < 0 {
			return p, invalid("Invalid page number")
		}
	}
	token := c.query.Get("PageToken")
	if token == "" {
		p.number = 0 // a page number alone leads nowhere: it is "simply for client state" [spec]
		return p, nil
	}
	encoded, marked := strings.CutPrefix(token, "PT")
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || !marked || json.Unmarshal(text, &p.pageToken) != nil || p.Place == 0 {
		return p, invalid("Invalid page token")
	}
	life := c.unverified.PageTokenLife
	if life > 0 && c.now.Sub(time.Unix(p.Issued, 0)) > life {
		return p, fail(c.unverified.PageTokenStatus, codeInvalidParameter, "Invalid page token")
	}
	return p, nil
}

// pageURL is the address of another page of the list that the client asked for, with its filters.
func (c *call) pageURL(p pageRequest, number int, token string) string {
	filters := url.Values{}
	for name, values := range c.query {
		if name != "PageSize" && name != "Page" && name != "PageToken" {
			filters[name] = values
		}
	}
	query := fmt.Sprintf("?PageSize=%d&Page=%d", p.size, number)
	if token != "" {
		query += "&PageToken=" + token
	}
	if len(filters) > 0 {
		query += "&" + filters.Encode()
	}
	return c.url(c.path, query)
}

// listOf answers with one page of a collection: key is the name of the list, newestFirst its order, render makes one row.
func listOf[T any](c *call, key string, maximum int, from *collection[T], newestFirst bool, keep func(T) bool,
	render func(T) any) (reply, error) {
	p, err := c.readPage(maximum)
	if err != nil {
		return reply{}, err
	}
	// One value more than the page holds tells whether there is another page.
	rows := from.take(p.Place, newestFirst != p.Back, p.size+1, keep)
	more := len(rows) > p.size
	rows = rows[:min(len(rows), p.size)]
	if p.Back {
		slices.Reverse(rows)
	}
	list := make([]any, 0, len(rows))
	for _, row := range rows {
		list = append(list, render(row.value))
	}
	var first, last uint64
	if len(rows) > 0 {
		first, last = rows[0].seq, rows[len(rows)-1].seq
	}
	return ok(map[string]any{key: list, "meta": c.meta(key, p, first, last, more)}), nil
}

// meta describes a page whose first and last rows are at these places, 0 for none. more tells that rows lie beyond it, in its
// direction.
func (c *call) meta(key string, p pageRequest, first, last uint64, more bool) meta {
	m := meta{Key: key, Page: p.number, PageSize: p.size,
		FirstPageURL: c.pageURL(p, 0, ""), URL: c.pageURL(p, p.number, c.query.Get("PageToken"))}
	if (more || p.Back) && last != 0 {
		next := c.pageURL(p, p.number+1, pageToken{Place: last, Issued: c.now.Unix()}.String())
		m.NextPageURL = &next
	}
	if p.number > 0 && first != 0 {
		previous := c.pageURL(p, p.number-1, pageToken{Place: first, Back: true, Issued: c.now.Unix()}.String())
		m.PreviousPageURL = &previous
	}
	return m
}
