package google

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
)

// store keeps files below one directory; names use slashes. Everything is for
// its owner only, for secrets are among it.
type store struct {
	dir string
	now func() time.Time

	mu   sync.Mutex
	last int64 // the last generation given
}

func (s *store) path(name string) (string, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return "", fmt.Errorf("%q is not a name within the directory", name)
	}
	return filepath.Join(s.dir, filepath.FromSlash(name)), nil
}

func (s *store) write(name string, data []byte) error {
	target, err := s.path(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	return os.WriteFile(target, data, 0o600)
}

func (s *store) writeJSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return s.write(name, append(data, '\n'))
}

func (s *store) has(name string) bool {
	target, err := s.path(name)
	if err != nil {
		return false
	}
	_, err = os.Stat(target)
	return err == nil
}

// remove deletes a file, and the folders above it that are then empty.
func (s *store) remove(name string) error {
	target, err := s.path(name)
	if err != nil {
		return err
	}
	if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
		if os.Remove(filepath.Join(s.dir, filepath.FromSlash(folder))) != nil {
			break // not empty
		}
	}
	return nil
}

// generation gives a number that grows from object to object, of the size of
// the real ones: microseconds since 1970.
func (s *store) generation() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last+1, s.now().UnixMicro())
	return s.last
}

// addVersion stores a secret's next version and gives its number.
func (s *store) addVersion(secret string, data []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version := s.newest(secret) + 1
	return version, s.write(versionFile(secret, strconv.Itoa(version)), data)
}

// newest gives the number of a secret's newest version, 0 when it has none.
func (s *store) newest(secret string) int {
	folder, err := s.path(path.Join(applied.SecretsFolder, secret))
	if err != nil {
		return 0
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return 0
	}
	newest := 0
	for _, entry := range entries {
		if number, err := strconv.Atoi(entry.Name()); err == nil {
			newest = max(newest, number)
		}
	}
	return newest
}

func versionFile(secret, version string) string {
	return path.Join(applied.SecretsFolder, secret, version)
}
