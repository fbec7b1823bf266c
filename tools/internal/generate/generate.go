// Package generate writes what Go knows into the files that Terraform and readers
// need: the subscribed event types, the functions' settings, the tables of settings and of
// infra/'s variables and outputs. A check tells which of them are stale.
package generate

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
)

// File is one generated file: whole, or the part between its markers.
type File struct {
	Path    string // relative to the project, with slashes
	Content []byte // as it should be
	Stale   bool   // as it is differs
}

// Source is what is generated from.
type Source struct {
	EventTypes []string
	Settings   []function.Setting
}

// FromCode is the source as the code has it.
func FromCode() Source {
	return Source{EventTypes: eventstream.EventTypes(), Settings: function.Settings()}
}

// Files computes every generated file of the project at root.
func Files(root string, from Source) ([]File, error) {
	types, err := eventTypes(from.EventTypes)
	if err != nil {
		return nil, err
	}
	settings, err := sections(root, "docs/settings.md", map[string]string{"settings": settingsTable(from.Settings)})
	if err != nil {
		return nil, err
	}
	variables, outputs, err := readInfra(filepath.Join(root, "infra"))
	if err != nil {
		return nil, err
	}
	given, err := environment(from.Settings, variables)
	if err != nil {
		return nil, err
	}
	readme, err := sections(root, "infra/README.md", map[string]string{"variables": variablesTable(variables), "outputs": outputsTable(outputs)})
	if err != nil {
		return nil, err
	}
	files := []File{{Path: "infra/event_types.tf.json", Content: types}, {Path: "infra/settings.tf", Content: given}, settings, readme}
	for i := range files {
		have, err := os.ReadFile(filepath.Join(root, files[i].Path))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("read %s: %w", files[i].Path, err)
		}
		files[i].Stale = !bytes.Equal(have, files[i].Content)
	}
	return files, nil
}

// Write writes the stale ones.
func Write(root string, files []File) error {
	for _, f := range files {
		if !f.Stale {
			continue
		}
		if err := os.WriteFile(filepath.Join(root, f.Path), f.Content, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
	}
	return nil
}

// sections puts the tables between the markers `<!-- BEGIN name -->` and
// `<!-- END name -->` of a file that people write the rest of.
func sections(root, path string, tables map[string]string) (File, error) {
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return File{}, fmt.Errorf("generate %s: %w", path, err)
	}
	out := string(text)
	for name, table := range tables {
		begin, end := "<!-- BEGIN "+name+" -->", "<!-- END "+name+" -->"
		before, rest, ok := strings.Cut(out, begin)
		_, after, closed := strings.Cut(rest, end)
		if !ok || !closed {
			return File{}, fmt.Errorf("generate %s: it has no %s … %s", path, begin, end)
		}
		out = before + begin + "\n" + table + end + after
	}
	return File{Path: path, Content: []byte(out)}, nil
}
