package architecture

import (
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// page is one document.
type page struct {
	name string // from the project's root
	text string
}

// pages reads every document of the project.
func pages(t *testing.T) []page {
	t.Helper()
	var found []page
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md"} {
		found = append(found, page{name, readText(t, name)})
	}
	for _, top := range []string{"docs", "infra", "test", "tools", "cloudfunction"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(name string, entry fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".md" {
				return err
			}
			relative, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			relative = filepath.ToSlash(relative)
			found = append(found, page{relative, readText(t, relative)})
			return nil
		})
		if err != nil {
			t.Fatalf("read the documents: %v", err)
		}
	}
	return found
}

var (
	fence = regexp.MustCompile("(?ms)^```[a-z]*\n(.*?)^```")
	span  = regexp.MustCompile("`([^`\n]+)`")
)

// code lists what stands as code in a page: the lines of its blocks, and its spans.
func (p page) code() []string {
	var found []string
	for _, match := range fence.FindAllStringSubmatch(p.text, -1) {
		found = append(found, strings.Split(match[1], "\n")...)
	}
	for _, match := range span.FindAllStringSubmatch(fence.ReplaceAllString(p.text, ""), -1) {
		found = append(found, match[1])
	}
	return found
}

var (
	makeTarget  = regexp.MustCompile(`(?:^|[ ;&(])make((?: +[a-z][a-z-]*)+)`)
	toolCommand = regexp.MustCompile(`(?:^|[ ;&(])(?:flexsweep|go run \./tools) +([a-z][a-z-]*)`)
	goFolder    = regexp.MustCompile(`\bgo (?:run|test|build|vet)(?: +-[^ ]+)* +\./([a-z/]+)`)
)

// TestDocumentedCommands: what a document tells a person to type exists.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	targets, commands := makeTargets(t), toolCommands(t)
	seen := 0
	for _, p := range pages(t) {
		for _, line := range p.code() {
			seen += strings.Count(line, "make ")
			for _, complaint := range strangers(line, targets, commands) {
				t.Errorf("%s: %s", p.name, complaint)
			}
		}
	}
	if seen == 0 {
		t.Error("no document names a make target: this test reads them wrongly")
	}
}

func TestDocumentedCommandsCanFail(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, line string
		want       int
		reason     string
	}{
		{"known", "make plan ENV=prod", 0, "plan is a target"},
		{"two targets", "make plan frobnicate", 1, "each word behind make is a target"},
		{"unknown target", "$ make frobnicate", 1, "no such target"},
		{"prose", "to make sure", 0, "prose is no code, and is not given to this function; here it would be found"},
		{"unknown command", "flexsweep frobnicate prod", 1, "no such command"},
		{"known command", "flexsweep plan prod", 0, "plan is a command"},
		{"by go run", "go run ./tools frobnicate", 1, "the same program under another name"},
		{"unknown folder", "go run ./test/frobnicate", 1, "no such folder"},
		{"known folder", "go test -race ./cloudfunction/...", 0, "the folder exists"},
	}
	targets, commands := []string{"plan", "sure"}, []string{"plan"}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := strangers(test.line, targets, commands); len(got) != test.want {
				t.Errorf("%q: complaints %v, want %d, because %s", test.line, got, test.want, test.reason)
			}
		})
	}
}

// strangers lists what a line of code calls that does not exist.
func strangers(line string, targets, commands []string) []string {
	var found []string
	for _, match := range makeTarget.FindAllStringSubmatch(line, -1) {
		for target := range strings.FieldsSeq(match[1]) {
			if !slices.Contains(targets, target) {
				found = append(found, "make "+target+": the Makefile has no such target")
			}
		}
	}
	for _, match := range toolCommand.FindAllStringSubmatch(line, -1) {
		if !slices.Contains(commands, match[1]) {
			found = append(found, "flexsweep "+match[1]+": tools/internal/cli has no such command")
		}
	}
	for _, match := range goFolder.FindAllStringSubmatch(line, -1) {
		if !exists(match[1]) {
			found = append(found, "./"+match[1]+": there is no such folder")
		}
	}
	return found
}

var targetLine = regexp.MustCompile(`(?m)^([a-z][a-z -]*):`)

// makeTargets lists the targets of the Makefile.
func makeTargets(t *testing.T) []string {
	t.Helper()
	var targets []string
	for _, match := range targetLine.FindAllStringSubmatch(readText(t, "Makefile"), -1) {
		targets = append(targets, strings.Fields(match[1])...)
	}
	if !slices.Contains(targets, "test") {
		t.Fatalf("targets of the Makefile: %v, and test is not among them", targets)
	}
	return targets
}

var commandUse = regexp.MustCompile(`Use: +"([a-z-]+)`)

// toolCommands lists the commands of the tool, those that cobra adds too.
func toolCommands(t *testing.T) []string {
	t.Helper()
	commands := []string{"help", "completion"}
	for _, f := range readSource(t) {
		if f.dir == "tools/internal/cli" && !f.test() {
			for _, match := range commandUse.FindAllStringSubmatch(readText(t, path.Join(f.dir, f.name)), -1) {
				commands = append(commands, match[1])
			}
		}
	}
	if !slices.Contains(commands, "plan") {
		t.Fatalf("commands of the tool: %v, and plan is not among them", commands)
	}
	return commands
}

// TestMakefile: every target is explained, and the folders that it runs exist.
func TestMakefile(t *testing.T) {
	t.Parallel()
	text := readText(t, "Makefile")
	for _, target := range makeTargets(t) {
		if !regexp.MustCompile(`(?m)^` + target + `:.*## \S`).MatchString(text) {
			t.Errorf("make %s has no ## text, so make help does not list it", target)
		}
	}
	for _, match := range regexp.MustCompile(`\$\(GO\) (?:run|test)[^#\n]* \./([a-z/]+)`).FindAllStringSubmatch(text, -1) {
		if !exists(match[1]) {
			t.Errorf("the Makefile calls ./%s, which does not exist", match[1])
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinks: a link to a file or heading of the project leads somewhere.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for _, p := range all {
		for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(p.text, ""), -1) {
			if strings.Contains(match[1], "://") || strings.HasPrefix(match[1], "mailto:") {
				continue
			}
			file, heading, _ := strings.Cut(match[1], "#")
			target := p.name
			if file != "" {
				target = path.Join(path.Dir(p.name), file)
			}
			if !exists(target) {
				t.Errorf("%s links to %s, which does not exist", p.name, match[1])
				continue
			}
			i := slices.IndexFunc(all, func(q page) bool { return q.name == target })
			if heading != "" && (i < 0 || !slices.Contains(all[i].headings(), heading)) {
				t.Errorf("%s links to %s, and there is no such heading", p.name, match[1])
			}
		}
	}
}

var (
	headingLine  = regexp.MustCompile(`(?m)^#{1,6} +(.+)$`)
	notInAnchors = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// headings lists the anchors that GitHub gives the headings of a page.
func (p page) headings() []string {
	var anchors []string
	for _, match := range headingLine.FindAllStringSubmatch(fence.ReplaceAllString(p.text, ""), -1) {
		anchor := notInAnchors.ReplaceAllString(strings.ToLower(strings.TrimSpace(match[1])), "")
		anchors = append(anchors, strings.ReplaceAll(anchor, " ", "-"))
	}
	return anchors
}

// TestRunbook: every alert links to a heading of its name.
func TestRunbook(t *testing.T) {
	t.Parallel()
	alerts, ok := localValue(readTerraform(t, "monitoring_alerts.tf"), "alerts")
	if !ok {
		t.Fatal("infra/monitoring_alerts.tf has no local.alerts")
	}
	headings := page{text: readText(t, "docs/runbook.md")}.headings()
	alertKeys := topKeys(alerts)
	if len(alertKeys) == 0 {
		t.Fatal("infra/monitoring_alerts.tf has no alerts")
	}
	for _, alert := range alertKeys {
		if !slices.Contains(headings, alert) {
			t.Errorf("alert %s has no heading of its name in docs/runbook.md", alert)
		}
	}
}
