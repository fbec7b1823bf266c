package conformance

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// testSDK runs the tests of sdk/, which know nothing of the fake, with Twilio's SDK for Node. Each has a fake of its own.
func testSDK(t *testing.T, o Originals, said *tape) {
	t.Helper()
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("sdk", "*.js"))
	if err != nil || len(files) < 2 {
		t.Fatalf("find tests of the SDK: %q, %v", files, err)
	}
	for _, file := range files {
		product := strings.TrimSuffix(filepath.Base(file), ".js")
		if product == "client" {
			continue // what the tests share
		}
		t.Run(product, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, o, said)
			if product == "limits" {
				s.fake.SetLimits(faketwilio.Limits{SyncWrites: true, SyncCreations: true, ChatActions: true})
			}
			code, stdout, stderr := s.run(t, "node", "--test", "--test-reporter=tap", file)
			if code != 0 || !strings.Contains(stdout, "\n# fail 0\n") || strings.Contains(stdout, "\n# pass 0\n") {
				t.Errorf("node --test %s ended with %d:\n%s%s", file, code, stdout, stderr)
			}
			if s.fake.Journal().Calls() == 0 {
				t.Error("nothing reached the fake")
			}
		})
	}
}
