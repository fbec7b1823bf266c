package main

import (
	"fmt"
	"os"
	"strings"
)

// page is the document, from the project's root, and what stands around its tables.
const (
	page  = "docs/scale.md"
	begin = "<!-- BEGIN scale: go run ./test/scale -write -->\n"
	end   = "<!-- END scale -->\n"
)

// renew writes the tables into the page at path.
func renew(path, tables string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}
	text, err := replaced(string(old), tables)
	if err != nil {
		return fmt.Errorf("renew %s: %w", path, err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// replaced returns the page's text with other tables between the marks.
func replaced(text, tables string) (string, error) {
	before, rest, found := strings.Cut(text, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", fmt.Errorf("its tables have to stand between the lines %q and %q", strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return before + begin + "\n" + tables + "\n" + end + after, nil
}
