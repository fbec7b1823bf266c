package tfdouble

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// referenceFile has the real providers' schemas, where somebody has put it
// beside the project.
const referenceFile = "../../../shared/reference/provider-schemas.json"

// The part of `terraform providers schema -json` that we compare.
type (
	referenceSchemas struct {
		Providers map[string]struct {
			Provider  referenceSchema            `json:"provider"`
			Resources map[string]referenceSchema `json:"resource_schemas"`
		} `json:"provider_schemas"`
	}
	referenceSchema struct {
		Version int64          `json:"version"`
		Block   referenceBlock `json:"block"`
	}
	referenceBlock struct {
		Attributes map[string]referenceAttribute `json:"attributes"`
		Blocks     map[string]referenceNested    `json:"block_types"`
	}
	referenceAttribute struct {
		Type      json.RawMessage `json:"type"`
		Required  bool            `json:"required"`
		Optional  bool            `json:"optional"`
		Computed  bool            `json:"computed"`
		Sensitive bool            `json:"sensitive"`
		WriteOnly bool            `json:"write_only"`
	}
	referenceNested struct {
		Mode  string         `json:"nesting_mode"`
		Min   int64          `json:"min_items"`
		Max   int64          `json:"max_items"`
		Block referenceBlock `json:"block"`
	}
)

// TestSchemasAgreeWithTheRealOnes holds every hand-written schema against the
// real provider's, flag by flag.
func TestSchemasAgreeWithTheRealOnes(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.FromSlash(referenceFile))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("skipped: the real providers' schemas are not at " + referenceFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	var reference referenceSchemas
	if err := json.Unmarshal(data, &reference); err != nil {
		t.Fatal(err)
	}
	servers, err := newServers(Options{Dir: t.TempDir(), Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	for address, server := range servers {
		answer, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			t.Fatal(err)
		}
		real, has := reference.Providers[address]
		if !has {
			t.Logf("%s: not in the reference, not compared", address)
			continue
		}
		compared := 0
		for name, ours := range answer.ResourceSchemas {
			theirs, has := real.Resources[name]
			if !has {
				t.Logf("%s: not in the reference, not compared", name)
				continue
			}
			compared++
			if ours.Version != theirs.Version {
				t.Errorf("%s: version %d, the real one has %d", name, ours.Version, theirs.Version)
			}
			if diff := cmp.Diff(referenceLines(theirs.Block, ""), ourLines(ours.Block, "")); diff != "" {
				t.Errorf("%s differs from the real schema (-real +ours):\n%s", name, diff)
			}
		}
		if compared == 0 {
			t.Errorf("%s: no schema was compared", address)
		}
	}
}

// referenceLines gives a block as sorted lines. The reference was stripped of
// descriptions, and thereby of every attribute called description.
func referenceLines(b referenceBlock, at string) []string {
	var lines []string
	for name, a := range b.Attributes {
		kind, err := tftypes.ParseJSONType(a.Type) //nolint:staticcheck // the only reader of Terraform's type notation
		if err != nil {
			lines = append(lines, at+name+": "+err.Error())
			continue
		}
		lines = append(lines, at+name+" "+flags(a.Required, a.Optional, a.Computed, a.Sensitive, a.WriteOnly)+" "+kind.String())
	}
	for name, n := range b.Blocks {
		lines = append(lines, at+name+" block "+bounds(n.Mode, n.Min, n.Max))
		lines = append(lines, referenceLines(n.Block, at+name+".")...)
	}
	sort.Strings(lines)
	return lines
}

func ourLines(b *tfprotov6.SchemaBlock, at string) []string {
	var lines []string
	for _, a := range b.Attributes {
		if a.Name == "description" {
			continue
		}
		lines = append(lines, at+a.Name+" "+flags(a.Required, a.Optional, a.Computed, a.Sensitive, a.WriteOnly)+" "+a.Type.String())
	}
	for _, n := range b.BlockTypes {
		lines = append(lines, at+n.TypeName+" block "+bounds(strings.ToLower(n.Nesting.String()), n.MinItems, n.MaxItems))
		lines = append(lines, ourLines(n.Block, at+n.TypeName+".")...)
	}
	sort.Strings(lines)
	return lines
}

func flags(required, optional, computed, sensitive, writeOnly bool) string {
	var text strings.Builder
	for _, flag := range []struct {
		set  bool
		sign string
	}{{required, "!"}, {optional, "?"}, {computed, "^"}, {sensitive, "s"}, {writeOnly, "w"}} {
		if flag.set {
			text.WriteString(flag.sign)
		}
	}
	return text.String()
}

func bounds(mode string, least, most int64) string {
	text, _ := json.Marshal([]any{mode, least, most})
	return string(text)
}
