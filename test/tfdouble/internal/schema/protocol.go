package schema

import "github.com/hashicorp/terraform-plugin-go/tfprotov6"

// Protocol gives the resource type as Terraform asks for it.
func (r Resource) Protocol() *tfprotov6.Schema {
	block := r.Block.protocol()
	block.Version = r.Version
	return &tfprotov6.Schema{Version: r.Version, Block: block}
}

func (b Block) protocol() *tfprotov6.SchemaBlock {
	block := &tfprotov6.SchemaBlock{}
	for _, a := range b.Attributes {
		block.Attributes = append(block.Attributes, &tfprotov6.SchemaAttribute{
			Name: a.Name, Type: a.Type,
			Required: a.Required, Optional: a.Optional, Computed: a.Computed,
			Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		})
	}
	for _, n := range b.Blocks {
		block.BlockTypes = append(block.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: n.Name, Block: n.Block.protocol(), Nesting: n.Mode.protocol(),
			MinItems: n.Min, MaxItems: n.Max,
		})
	}
	return block
}

func (m Mode) protocol() tfprotov6.SchemaNestedBlockNestingMode {
	switch m {
	case Set:
		return tfprotov6.SchemaNestedBlockNestingModeSet
	case Single:
		return tfprotov6.SchemaNestedBlockNestingModeSingle
	}
	return tfprotov6.SchemaNestedBlockNestingModeList
}
