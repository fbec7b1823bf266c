package architecture

import (
	"fmt"
	"slices"
	"testing"
)

// rule binds the imports of some packages.
type rule struct {
	name     string
	packages string   // folders bound by it, a path or a tree "path/..."
	except   []string // folders of these that are not bound
	tests    bool     // whether test files are bound, too
	ours     []string // of the project's packages only these may be imported; nil: any
	outside  []string // of all others only these, "std" being the standard library; nil: any
	forbids  []string // may not be imported, whatever the two above say
	reason   string
	breach   string // an import that the rule must refuse
}

var none = []string{}

var rules = []rule{
	{
		name: "the domain is pure", packages: "cloudfunction/channel",
		forbids: []string{"net/...", "os/...", "log/...", "math/rand/...", "crypto/rand", "syscall", "database/..."},
		reason:  "the protocol can be explored exhaustively only while the domain has no world to talk to",
		breach:  "net/http",
	},
	{
		name: "the domain needs no library", packages: "cloudfunction/channel", ours: none, outside: []string{"std"},
		reason: "what decides over a channel must be readable without knowing a library",
		breach: "golang.org/x/sync/errgroup",
	},
	{
		name: "the door to Twilio knows nothing of the domain", packages: "cloudfunction/twilio", ours: none,
		reason: "transport, repetition and rate are the same whatever is asked of Twilio",
		breach: "./cloudfunction/channel",
	},
	{
		name: "the ledger stands on the domain and the door", packages: "cloudfunction/ledger",
		ours:   []string{"./cloudfunction/channel", "./cloudfunction/twilio"},
		reason: "adapters never meet: how records are kept has nothing to do with how channels are retired",
		breach: "./cloudfunction/retire",
	},
	{
		name: "the retirers stand on the domain and the door", packages: "cloudfunction/retire",
		ours:   []string{"./cloudfunction/channel", "./cloudfunction/twilio"},
		reason: "adapters never meet: how channels are retired has nothing to do with how records are kept",
		breach: "./cloudfunction/ledger",
	},
	{
		name: "what TaskRouter is asked stands on the domain and the door", packages: "cloudfunction/taskrouter",
		ours:   []string{"./cloudfunction/channel", "./cloudfunction/twilio"},
		reason: "adapters never meet: what a task has become has nothing to do with how channels are retired",
		breach: "./cloudfunction/retire",
	},
	{
		name: "the webhook does not retire", packages: "cloudfunction/eventstream",
		ours:   []string{"./cloudfunction/channel", "./cloudfunction/ledger", "./cloudfunction/twilio"},
		reason: "webhook and sweep meet in the ledger only, so each can be stopped, deployed and reasoned about alone",
		breach: "./cloudfunction/sweep",
	},
	{
		name: "the sweep does not listen", packages: "cloudfunction/sweep",
		ours:   []string{"./cloudfunction/channel", "./cloudfunction/ledger", "./cloudfunction/retire", "./cloudfunction/taskrouter", "./cloudfunction/twilio"},
		reason: "webhook and sweep meet in the ledger only, so each can be stopped, deployed and reasoned about alone",
		breach: "./cloudfunction/eventstream",
	},
	{
		name: "what ships is whole", packages: "cloudfunction/...", ours: []string{"./cloudfunction/..."},
		reason: "cloudfunction/ alone is zipped and built by Google; nothing else of the project is there",
		breach: "./tools/internal/plan",
	},
	{
		name: "the framework stays at the root", packages: "cloudfunction/...", except: []string{"cloudfunction"},
		forbids: []string{"github.com/GoogleCloudPlatform/functions-framework-go/..."},
		reason:  "entry points are registrations; logic that knows the framework cannot run without it",
		breach:  "github.com/GoogleCloudPlatform/functions-framework-go/functions",
	},
	{
		name: "only product packages of twilio-go", packages: "cloudfunction/...", tests: true,
		forbids: []string{"github.com/twilio/twilio-go"},
		reason:  "the root package links every product of Twilio into the shipped binary",
		breach:  "github.com/twilio/twilio-go",
	},
	{
		name: "no program needs the tests", packages: "tools/...", except: []string{"tools/internal/local"}, forbids: []string{"./test/..."},
		reason: "a fake that production code imports ships to production; the tool starts fakes as programs",
		breach: "./test/faketwilio",
	},
	{
		name: "the local environment reads what was applied, and no more", packages: "tools/internal/local",
		ours:   []string{"./cloudfunction/...", "./tools/...", "./test/tfdouble/applied"},
		reason: "the form of what a stand-in provider leaves is said once; the fakes themselves are started as programs",
		breach: "./test/faketwilio",
	},
	{
		name: "one package drives Terraform", packages: "tools/...", except: []string{"tools/internal/terraform"}, tests: true,
		forbids: []string{"github.com/hashicorp/terraform-exec/...", "github.com/hashicorp/hc-install/..."},
		reason:  "Terraform's exit codes, streams and environment have traps that are handled once",
		breach:  "github.com/hashicorp/terraform-exec/tfexec",
	},
	{
		name: "the fake is independent", packages: "test/faketwilio/...", tests: true,
		forbids: []string{"./cloudfunction/...", "./tools/...", "github.com/twilio/..."},
		reason:  "a fake that shares code with what it tests agrees with its mistakes",
		breach:  "github.com/twilio/twilio-go/client",
	},
	{
		name: "the stand-in providers are independent", packages: "test/tfdouble/...",
		forbids: []string{"./cloudfunction/...", "./tools/...", "github.com/twilio/..."},
		reason:  "a fake that shares code with what it tests agrees with its mistakes",
		breach:  "./tools/internal/plan",
	},
}

// TestImports holds the rules above against the source.
func TestImports(t *testing.T) {
	t.Parallel()
	files := readSource(t)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			for _, breach := range r.breaches(files) {
				t.Errorf("%s\n\trule: %s\n\tbecause %s", breach, r.name, r.reason)
			}
		})
	}
}

// TestImportRulesCanFail shows each rule one import that it must refuse.
func TestImportRulesCanFail(t *testing.T) {
	t.Parallel()
	source := readSource(t)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(source, r.binds)
			if i < 0 {
				t.Fatalf("the rule binds nothing: %s is gone", r.packages)
			}
			if r.allows(r.breach) {
				t.Errorf("the rule allows %s to import %s", source[i].dir, r.breach)
			}
		})
	}
}

// TestImportRulesNameWhatExists finds rules that outlived what they speak of: such a rule
// can never fail, and looks as if it protected something.
func TestImportRulesNameWhatExists(t *testing.T) {
	t.Parallel()
	files := readSource(t)
	dirs := packageDirs(files)
	for _, r := range rules {
		for _, named := range slices.Concat([]string{r.packages}, r.except, local(r.ours), local(r.forbids), local([]string{r.breach})) {
			if !slices.ContainsFunc(dirs, func(dir string) bool { return within(dir, named) }) {
				t.Errorf("rule %q names %s, which holds no package", r.name, named)
			}
		}
		for _, free := range r.except {
			bound := r
			bound.packages, bound.except = free, nil
			if len(bound.breaches(files)) == 0 {
				t.Errorf("rule %q excepts %s, which does not need it", r.name, free)
			}
		}
	}
}

// local returns the folders among import patterns.
func local(patterns []string) []string {
	var dirs []string
	for _, p := range patterns {
		if len(p) > 2 && p[:2] == "./" {
			dirs = append(dirs, p[2:])
		}
	}
	return dirs
}

func (r rule) binds(f goFile) bool {
	return within(f.dir, r.packages) && !withinAny(f.dir, r.except) && (r.tests || !f.test())
}

func (r rule) breaches(files []goFile) []string {
	var found []string
	for _, f := range files {
		if !r.binds(f) {
			continue
		}
		for _, imported := range f.imports() {
			if !r.allows(imported) {
				found = append(found, fmt.Sprintf("%s/%s imports %s", f.dir, f.name, imported))
			}
		}
	}
	return found
}

func (r rule) allows(imported string) bool {
	if withinAny(imported, r.forbids) {
		return false
	}
	if imported == "." || len(imported) > 2 && imported[:2] == "./" {
		return r.ours == nil || withinAny(imported, r.ours)
	}
	return r.outside == nil || standard(imported) && slices.Contains(r.outside, "std") || withinAny(imported, r.outside)
}
