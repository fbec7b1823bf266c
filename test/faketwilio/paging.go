package faketwilio

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
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
	place        string // next to which the page lies; empty for the first page
	back         bool   // the page before the place, not after it
}

// readPage reads PageSize, Page and PageToken. The token is opaque to clients: N (next) or P (previous) and a place.
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
	if len(token) < 3 || (token[:2] != "PN" && token[:2] != "PP") {
		return p, errPageToken()
	}
	p.back, p.place = token[:2] == "PP", token[2:]
	return p, nil
}

func errPageToken() error { return invalid("Invalid page token") }

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
	var place uint64
	if p.place != "" {
		if place, err = strconv.ParseUint(p.place, 36, 64); err != nil {
			return reply{}, errPageToken()
		}
	}
	// One value more than the page holds tells whether there is another page.
	rows := from.take(place, newestFirst != p.back, p.size+1, keep)
	more := len(rows) > p.size
	rows = rows[:min(len(rows), p.size)]
	if p.back {
		slices.Reverse(rows)
	}
	list, first, last := make([]any, 0, len(rows)), "", ""
	for i, row := range rows {
		if i == 0 {
			first = strconv.FormatUint(row.seq, 36)
		}
		last = strconv.FormatUint(row.seq, 36)
		list = append(list, render(row.value))
	}
	return ok(map[string]any{key: list, "meta": c.meta(key, p, first, last, more)}), nil
}

// meta describes a page whose first and last rows are at these places. more tells that rows lie beyond it, in its direction.
func (c *call) meta(key string, p pageRequest, first, last string, more bool) meta {
	m := meta{Key: key, Page: p.number, PageSize: p.size,
		FirstPageURL: c.pageURL(p, 0, ""), URL: c.pageURL(p, p.number, c.query.Get("PageToken"))}
	if (more || p.back) && last != "" {
		next := c.pageURL(p, p.number+1, "PN"+last)
		m.NextPageURL = &next
	}
	if p.number > 0 && first != "" {
		previous := c.pageURL(p, p.number-1, "PP"+first)
		m.PreviousPageURL = &previous
	}
	return m
}
