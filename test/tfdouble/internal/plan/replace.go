package plan

import (
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// Replacements gives the paths whose change forces the resource to be
// replaced. An unknown value counts as a change, as it does with SDKv2.
func Replacements(b schema.Block, prior, planned Object) []*tftypes.AttributePath {
	return replacements(b, tftypes.NewAttributePath(), prior, planned)
}

func replacements(b schema.Block, at *tftypes.AttributePath, prior, planned Object) []*tftypes.AttributePath {
	var paths []*tftypes.AttributePath
	for _, a := range b.Attributes {
		if a.ForceNew && !value.Equal(prior[a.Name], planned[a.Name]) {
			paths = append(paths, at.WithAttributeName(a.Name))
		}
	}
	for _, n := range b.Blocks {
		paths = append(paths, blockReplacements(n, at.WithAttributeName(n.Name), prior[n.Name], planned[n.Name])...)
	}
	return paths
}

func blockReplacements(n schema.NestedBlock, at *tftypes.AttributePath, prior, planned any) []*tftypes.AttributePath {
	before, _ := prior.([]any)
	after, known := planned.([]any)
	if n.Mode == schema.Single || !known {
		return nil
	}
	if n.ForceNew && len(before) != len(after) {
		return []*tftypes.AttributePath{at}
	}
	if n.Mode == schema.Set { // elements of a set have no place to compare at
		return nil
	}
	var paths []*tftypes.AttributePath
	for i := 0; i < len(before) && i < len(after); i++ {
		old, _ := before[i].(Object)
		next, _ := after[i].(Object)
		paths = append(paths, replacements(n.Block, at.WithElementKeyInt(i), old, next)...)
	}
	return paths
}
