package google

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// recordsFolder has one file for everything that is there, whether Terraform knows of it or not.
const recordsFolder = "cloud"

// record is one thing as Google has it: what the last step that succeeded made of it.
type record struct {
	Type   string    `json:"type"`
	ID     string    `json:"id"`
	Made   time.Time `json:"made"`   // by the stand-ins' clock; zero for what is older than these records
	Failed bool      `json:"failed"` // its creation failed, and left it
	State  []byte    `json:"state"`  // in Terraform's encoding
}

func recordFile(resourceType, id string) string {
	sum := sha256.Sum256([]byte(resourceType + " " + id))
	return path.Join(recordsFolder, hex.EncodeToString(sum[:8])+".json")
}

// put records a resource; made stays when it is known already.
func (p *Provider) put(r schema.Resource, state plan.Object, made time.Time, failed bool) error {
	id := value.Text(state["id"])
	if before, found := p.record(r.Name, id); found {
		made = before.Made
	}
	t := r.Block.Type()
	encoded, err := value.ToTerraform(t, withoutWriteOnly(r, state))
	if err != nil {
		return fmt.Errorf("record %s: %w", r.Name, err)
	}
	dynamic, err := tfprotov6.NewDynamicValue(t, encoded)
	if err != nil {
		return fmt.Errorf("record %s: %w", r.Name, err)
	}
	return p.store.writeJSON(recordFile(r.Name, id), record{
		Type: r.Name, ID: id, Made: made, Failed: failed, State: dynamic.MsgPack})
}

// withoutWriteOnly drops what Google keeps elsewhere, and Terraform nowhere.
func withoutWriteOnly(r schema.Resource, state plan.Object) plan.Object {
	kept := plan.Object{}
	for name, v := range state {
		if a, _ := r.Block.Attribute(name); !a.WriteOnly {
			kept[name] = v
		}
	}
	return kept
}

// record gives what is known of a resource.
func (p *Provider) record(resourceType, id string) (record, bool) {
	target, err := p.store.path(recordFile(resourceType, id))
	if err != nil {
		return record{}, false
	}
	return readRecord(target)
}

func readRecord(file string) (kept record, found bool) {
	data, err := os.ReadFile(file)
	return kept, err == nil && json.Unmarshal(data, &kept) == nil
}

// records gives everything of one type.
func (p *Provider) records(resourceType string) []record {
	paths, _ := filepath.Glob(filepath.Join(p.options.Dir, recordsFolder, "*.json")) // the pattern is good
	var all []record
	for _, file := range paths {
		if kept, found := readRecord(file); found && kept.Type == resourceType {
			all = append(all, kept)
		}
	}
	return all
}

// state decodes what a record keeps; nil when it cannot be read.
func (p *Provider) state(kept record) plan.Object {
	for _, r := range p.resources {
		if r.Name != kept.Type {
			continue
		}
		v, err := tfprotov6.DynamicValue{MsgPack: kept.State}.Unmarshal(r.Block.Type())
		if err != nil {
			return nil
		}
		decoded, _ := value.FromTerraform(v)
		object, _ := decoded.(plan.Object)
		return object
	}
	return nil
}
