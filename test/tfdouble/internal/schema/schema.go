// Package schema describes resource types of a Terraform provider in a few
// lines of text each, and gives them in the form of Terraform's protocol.
//
// The text is indented by two spaces a level; # starts a comment line:
//
//	resource google_service_account
//	  timeouts create
//	  id          ?^  string ~ projects/{project}/serviceAccounts/{email}
//	  account_id  !#  string
//	  project     ?^# string = {provider.project}
//	  email       ^   string = {account_id}@{project}.iam.gserviceaccount.com
//	  block rotation list 0..1
//	    rotation_period ? string
//
// Flags of an attribute: ! required, ? optional, ^ computed, # forces
// replacement, w write-only, s sensitive, u stored in upper case, h: that it
// becomes unknown is hidden from the plan of a change, l: stored in its long
// form, and only what follows the last slash is compared.
// After "=" stands the value of an attribute left out of the configuration as
// it is known when planning; after "~" the value that only apply brings.
// "{name}" is the value of another attribute, of the same block or else of the
// resource; "{provider.name}" one of the provider's configuration.
// Types are string, bool, number, list(T), set(T), map(T), object(name=T,…).
//
// Flags of a block, after its mode and the bounds of its count: # a changed
// count forces replacement, ^ computed when left out, ^+ computed, and apply
// brings one element. The attribute id is added to every resource that does
// not state it.
package schema

import "github.com/hashicorp/terraform-plugin-go/tftypes"

// Attribute is one attribute of a resource or of a nested block.
type Attribute struct {
	Name string
	Type tftypes.Type

	Required, Optional, Computed   bool
	ForceNew, WriteOnly, Sensitive bool
	Upper                          bool
	// Unseen is a fault of the real provider: a change to a value that is not
	// known yet is planned as none, and found inconsistent at apply.
	Unseen bool
	// Long: apply brings the long form of a name that was given in short.
	Long bool

	// Planned is the template of the value known when planning, Made that of
	// the value which apply brings; nil where there is none.
	Planned, Made *string
}

// Mode says how often a nested block may occur.
type Mode string

// The nesting modes in use by SDKv2 providers; single is only for timeouts.
const (
	List   Mode = "list"
	Set    Mode = "set"
	Single Mode = "single"
)

// NestedBlock is a block within a resource or within another block.
type NestedBlock struct {
	Name     string
	Mode     Mode
	Min, Max int64 // Max 0: no bound

	ForceNew bool // a changed count forces replacement
	Computed bool // unknown until apply when left out
	MadeOne  bool // and apply then brings one element rather than none

	Block Block
}

// Block is the content of a resource or of a nested block.
type Block struct {
	Attributes []Attribute
	Blocks     []NestedBlock
}

// Resource is a resource type; the provider's own configuration has the same
// form.
type Resource struct {
	Name    string
	Version int64 // of the state's format
	Block   Block
}

// Type gives the type of the block's values.
func (b Block) Type() tftypes.Object {
	types := make(map[string]tftypes.Type, len(b.Attributes)+len(b.Blocks))
	for _, a := range b.Attributes {
		types[a.Name] = a.Type
	}
	for _, n := range b.Blocks {
		types[n.Name] = n.Type()
	}
	return tftypes.Object{AttributeTypes: types}
}

// Type gives the type of the nested block's value: a list or set of objects,
// or an object.
func (n NestedBlock) Type() tftypes.Type {
	switch n.Mode {
	case Set:
		return tftypes.Set{ElementType: n.Block.Type()}
	case Single:
		return n.Block.Type()
	}
	return tftypes.List{ElementType: n.Block.Type()}
}

// Attribute gives the attribute of that name.
func (b Block) Attribute(name string) (Attribute, bool) {
	for _, a := range b.Attributes {
		if a.Name == name {
			return a, true
		}
	}
	return Attribute{}, false
}
