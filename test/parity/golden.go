package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// golden is what Twilio did, as a LIVE run wrote it down. Nobody else writes one: the seal shows whether somebody did.
type golden struct {
	Recorded  string     `json:"recorded"` // the day
	Seal      string     `json:"seal"`
	Exchanges []exchange `json:"exchanges"`
}

// seal is a hash of what was recorded. It keeps nobody from forging, but from mending by hand.
func (g golden) seal() string {
	hash := sha256.Sum256([]byte(g.Recorded + text(g.Exchanges)))
	return hex.EncodeToString(hash[:8])
}

func goldenFile(dir, name string) string { return filepath.Join(dir, name+".json") }

// readGolden reads what Twilio did in a case; false if nobody has asked it yet.
func readGolden(dir, name string) (golden, bool, error) {
	var g golden
	content, err := os.ReadFile(goldenFile(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return g, false, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &g)
	}
	if err != nil {
		return g, false, fmt.Errorf("read golden file of %s: %w", name, err)
	}
	if g.Seal != g.seal() {
		return g, false, fmt.Errorf("read golden file of %s: it was changed by hand; let a LIVE run write it anew", name)
	}
	return g, true, nil
}

// writeGolden writes what Twilio did in a case, unless there is something in it that nobody should read.
func writeGolden(dir string, r record, day time.Time, secrets []string) error {
	if !r.compared() {
		return fmt.Errorf("write golden file of %s: it was skipped, or differs from run to run", r.Case)
	}
	if found := private(r.Exchanges, secrets); found != "" {
		return fmt.Errorf("write golden file of %s: %s must not be written down; teach normalise.go to replace it", r.Case, found)
	}
	g := golden{Recorded: day.UTC().Format(time.DateOnly), Exchanges: r.Exchanges}
	g.Seal = g.seal()
	content, err := json.MarshalIndent(g, "", "  ")
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(goldenFile(dir, r.Case), append(content, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write golden file of %s: %w", r.Case, err)
	}
	return nil
}
