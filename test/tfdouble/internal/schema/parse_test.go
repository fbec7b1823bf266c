package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestParse(t *testing.T) {
	t.Parallel()
	resources, err := Parse(`# a comment
resource example 4
  timeouts create
  name    !#u string
  labels  ?   map(string)
  project ?^# string = {provider.project}
  secret  ?sw string
  url     ^   string ~ https://{name}/a = b
  history ^   list(object(at=string,by=list(string)))
  block rule list 1..3 #
    block when set 0.. ^+
      age ? number
`)
	if err != nil {
		t.Fatal(err)
	}
	template := func(text string) *string { return &text }
	want := []Resource{{Name: "example", Version: 4, Block: Block{
		Attributes: []Attribute{
			{Name: "name", Type: tftypes.String, Required: true, ForceNew: true, Upper: true},
			{Name: "labels", Type: tftypes.Map{ElementType: tftypes.String}, Optional: true},
			{Name: "project", Type: tftypes.String, Optional: true, Computed: true, ForceNew: true, Planned: template("{provider.project}")},
			{Name: "secret", Type: tftypes.String, Optional: true, Sensitive: true, WriteOnly: true},
			{Name: "url", Type: tftypes.String, Computed: true, Made: template("https://{name}/a = b")},
			{Name: "history", Computed: true, Type: tftypes.List{ElementType: tftypes.Object{AttributeTypes: map[string]tftypes.Type{
				"at": tftypes.String, "by": tftypes.List{ElementType: tftypes.String}}}}},
			{Name: "id", Type: tftypes.String, Optional: true, Computed: true},
		},
		Blocks: []NestedBlock{
			{Name: "timeouts", Mode: Single, Block: Block{Attributes: []Attribute{{Name: "create", Type: tftypes.String, Optional: true}}}},
			{Name: "rule", Mode: List, Min: 1, Max: 3, ForceNew: true, Block: Block{Blocks: []NestedBlock{
				{Name: "when", Mode: Set, Computed: true, MadeOne: true, Block: Block{
					Attributes: []Attribute{{Name: "age", Type: tftypes.Number, Optional: true}}}},
			}}},
		},
	}}}
	if diff := cmp.Diff(want, resources); diff != "" {
		t.Errorf("parsed (-want +got):\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, text, want, reason string }{
		{"flag", "resource r\n  a x string", "line 2", "a letter that is no flag would silently mean nothing"},
		{"type", "resource r\n  a ? text", "unknown type", "Terraform has no such type"},
		{"open type", "resource r\n  a ? list(string", "unknown type", "a bracket is missing"},
		{"depth", "resource r\n    a ? string", "indented too far", "the block it would belong to does not exist"},
		{"mode", "resource r\n  block b tuple 0..1", "unknown mode", "SDKv2 has no such blocks"},
		{"resource", "a ? string", "want: resource", "an attribute belongs to a resource"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(row.text)
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got error %v, want one with %q: %s", err, row.want, row.reason)
			}
		})
	}
}
