package architecture

import (
	"go/ast"
	"go/token"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	function "github.com/flexsweep/flexsweep/cloudfunction"
)

// notGiven names settings that infra leaves out on purpose, per entry point.
var notGiven = map[function.EntryPoint][]string{
	// The sweep checks no signature, and has an API key for its calls; a secret that is not
	// needed is not handed out.
	function.Sweep: {"TWILIO_AUTH_TOKEN"},
}

// mounted names settings that are no secret, and come by the secrets' way all the same.
var mounted = []string{
	// Unknown when the ledger is made anew, which Terraform's provider cannot plan as an ordinary
	// environment variable of a function that exists.
	"SYNC_SERVICE_SID",
}

// TestInfraGivesTheSettings: each function gets exactly the settings that it reads, and the
// secret ones from Secret Manager.
func TestInfraGivesTheSettings(t *testing.T) {
	t.Parallel()
	for _, module := range []string{"event_streams", "sweep"} {
		t.Run(module, func(t *testing.T) {
			t.Parallel()
			entryPoint, plain, secret := given(t, module)
			wantPlain, wantSecret := wanted(entryPoint)
			if diff := cmp.Diff(wantPlain, plain); diff != "" {
				t.Errorf("environment_variables of module %q and what %s reads (-cloudfunction/settings.go +infra/settings.tf):\n%s", module, entryPoint, diff)
			}
			if diff := cmp.Diff(wantSecret, secret); diff != "" {
				t.Errorf("secrets of module %q and what %s reads (-cloudfunction/settings.go +infra):\n%s", module, entryPoint, diff)
			}
		})
	}
}

// given lists what infra hands to a function, sorted.
func given(t *testing.T, module string) (entryPoint function.EntryPoint, plain, secret []string) {
	t.Helper()
	body, ok := block(readTerraform(t, "functions.tf"), "module", module)
	if !ok {
		t.Fatalf("infra/functions.tf has no module %q", module)
	}
	entryPoint = function.EntryPoint(literal(body.Attributes["entry_point"].Expr))
	if got, want := references(body.Attributes["environment_variables"].Expr), "local.settings."+string(entryPoint); !slices.Equal(got, []string{want}) {
		t.Errorf("environment_variables of module %q is made of %v, not of %s", module, got, want)
	}
	settings, ok := localValue(readTerraform(t, "settings.tf"), "settings")
	if !ok {
		t.Fatal("infra/settings.tf has no local.settings")
	}
	plain = keys(item(settings, string(entryPoint)))
	secret = keys(body.Attributes["secret_environment_variables"].Expr)
	return entryPoint, plain, secret
}

// wanted lists what a function reads, sorted.
func wanted(entryPoint function.EntryPoint) (plain, secret []string) {
	for _, s := range function.Settings() {
		switch {
		case !s.ReadBy(entryPoint), s.ReplacedBy != "", slices.Contains(notGiven[entryPoint], s.Name):
		case s.Secret, slices.Contains(mounted, s.Name):
			secret = append(secret, s.Name)
		default:
			plain = append(plain, s.Name)
		}
	}
	slices.Sort(plain)
	slices.Sort(secret)
	return plain, secret
}

// TestSettingsPage: docs/settings.md has every setting, with its default.
func TestSettingsPage(t *testing.T) {
	t.Parallel()
	page := readText(t, "docs/settings.md")
	for _, s := range function.Settings() {
		i := strings.Index(page, "\n| `"+s.Name+"`")
		if i < 0 {
			t.Errorf("docs/settings.md does not name %s: run make generate", s.Name)
			continue
		}
		line, _, _ := strings.Cut(page[i+1:], "\n")
		if s.Default != "" && !strings.Contains(line, s.Default) {
			t.Errorf("docs/settings.md does not give the default of %s, %s: run make generate", s.Name, s.Default)
		}
	}
}

// TestSettingsPageNamesWhatIsRead: nobody should be surprised by a variable that a library
// of the functions reads.
func TestSettingsPageNamesWhatIsRead(t *testing.T) {
	t.Parallel()
	const format = "{{if not .Standard}}{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}\n{{end}}{{end}}"
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", format, "./test/function")
	list.Dir = root
	files, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	page, found := readText(t, "docs/settings.md"), 0
	for name := range strings.FieldsSeq(string(files)) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range environmentRead.FindAllStringSubmatch(string(text), -1) {
			found++
			if !strings.Contains(page, "`"+match[1]+"`") {
				t.Errorf("%s reads %s, which docs/settings.md does not name", name, match[1])
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d reads of the environment were found", found)
	}
}

var environmentRead = regexp.MustCompile(`os\.(?:Getenv|LookupEnv)\("(\w+)"\)`)

// otherVariables are environment variables that documents speak of, and that no Go code of
// the project names.
var otherVariables = map[string]string{
	"CLOUD_RUN_TIMEOUT_SECONDS": "read by functions-framework-go",
	"HTTP_PROXY":                "how Node clients find the fake's proxy",
	"HTTPS_PROXY":               "how other clients find the fake's proxy",
	"K_SERVICE":                 "read by functions-framework-go",
	"NODE_EXTRA_CA_CERTS":       "how Node clients trust the fake",
	"SSL_CERT_FILE":             "how other clients trust the fake",
	"TF_REATTACH_PROVIDERS":     "how Terraform finds the stand-in providers",
}

var environmentVariable = regexp.MustCompile("`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`")

// TestDocumentsNameSettings: a setting that a document names exists, or another variable
// that some code of the project reads or sets.
func TestDocumentsNameSettings(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, f := range readSource(t) {
		if f.dir != "test/architecture" {
			for _, text := range stringLiterals(f) {
				known[text] = true
			}
		}
	}
	named := 0
	for _, page := range pages(t) {
		for _, match := range environmentVariable.FindAllStringSubmatch(page.text, -1) {
			named++
			if name := match[1]; !known[name] && otherVariables[name] == "" {
				t.Errorf("%s names %s, which no code names; if it is another program's, list it in this test", page.name, name)
			}
		}
	}
	if named == 0 {
		t.Error("no document names a setting: this test reads them wrongly")
	}
}

// stringLiterals lists the texts in a file's code.
func stringLiterals(f goFile) []string {
	var found []string
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if text, err := strconv.Unquote(l.Value); err == nil {
				found = append(found, text)
			}
		}
		return true
	})
	return found
}
