package schema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Parse reads resource types from text. The error names the line.
func Parse(text string) ([]Resource, error) {
	p := &parser{}
	for number, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimLeft(line, " ")
		if trimmed == "" || strings.HasPrefix(trimmed, "# ") {
			continue
		}
		if err := p.line((len(line)-len(trimmed))/2, trimmed); err != nil {
			return nil, fmt.Errorf("read schema line %d, %q: %w", number+1, trimmed, err)
		}
	}
	for i := range p.resources {
		p.resources[i].Block = p.resources[i].root.build()
		addID(&p.resources[i].Resource)
	}
	resources := make([]Resource, len(p.resources))
	for i := range p.resources {
		resources[i] = p.resources[i].Resource
	}
	return resources, nil
}

// addID adds what SDKv2 adds to every resource.
func addID(r *Resource) {
	if _, has := r.Block.Attribute("id"); !has && r.Name != "provider" {
		r.Block.Attributes = append(r.Block.Attributes,
			Attribute{Name: "id", Type: tftypes.String, Optional: true, Computed: true})
	}
}

// node is a block while it is being read: children are pointers, so that a
// later line can still add to them.
type node struct {
	nested     NestedBlock
	attributes []Attribute
	blocks     []*node
}

func (n *node) build() Block {
	block := Block{Attributes: n.attributes}
	for _, child := range n.blocks {
		nested := child.nested
		nested.Block = child.build()
		block.Blocks = append(block.Blocks, nested)
	}
	return block
}

type parsedResource struct {
	Resource
	root *node
}

type parser struct {
	resources []parsedResource
	open      []*node // open[i] is the block whose lines stand at depth i+1
}

func (p *parser) line(depth int, text string) error {
	fields := strings.Fields(text)
	if depth == 0 {
		return p.resource(fields)
	}
	if depth > len(p.open) {
		return fmt.Errorf("indented too far")
	}
	p.open = p.open[:depth]
	parent := p.open[depth-1]
	switch fields[0] {
	case "block":
		child, err := parseBlock(fields[1:])
		if err != nil {
			return err
		}
		parent.blocks = append(parent.blocks, child)
		p.open = append(p.open, child)
		return nil
	case "timeouts":
		parent.blocks = append(parent.blocks, timeouts(fields[1:]))
		return nil
	}
	attribute, err := parseAttribute(text)
	parent.attributes = append(parent.attributes, attribute)
	return err
}

func (p *parser) resource(fields []string) error {
	if len(fields) < 2 || fields[0] != "resource" {
		return fmt.Errorf("want: resource NAME [VERSION]")
	}
	r := parsedResource{Resource: Resource{Name: fields[1]}, root: &node{}}
	if len(fields) > 2 {
		var err error
		if r.Version, err = strconv.ParseInt(fields[2], 10, 64); err != nil {
			return err
		}
	}
	p.resources = append(p.resources, r)
	p.open = []*node{r.root}
	return nil
}

// parseBlock reads "NAME MODE MIN..MAX [FLAGS]".
func parseBlock(fields []string) (*node, error) {
	if len(fields) < 3 {
		return nil, fmt.Errorf("want: block NAME MODE MIN..MAX [FLAGS]")
	}
	nested := NestedBlock{Name: fields[0], Mode: Mode(fields[1])}
	if nested.Mode != List && nested.Mode != Set {
		return nil, fmt.Errorf("unknown mode %q", fields[1])
	}
	least, most, _ := strings.Cut(fields[2], "..")
	var err error
	if nested.Min, err = strconv.ParseInt(least, 10, 64); err != nil {
		return nil, err
	}
	if most != "" {
		if nested.Max, err = strconv.ParseInt(most, 10, 64); err != nil {
			return nil, err
		}
	}
	if len(fields) > 3 {
		nested.ForceNew = strings.Contains(fields[3], "#")
		nested.Computed = strings.Contains(fields[3], "^")
		nested.MadeOne = strings.Contains(fields[3], "+")
	}
	return &node{nested: nested}, nil
}

func timeouts(names []string) *node {
	n := &node{nested: NestedBlock{Name: "timeouts", Mode: Single}}
	for _, name := range names {
		n.attributes = append(n.attributes, Attribute{Name: name, Type: tftypes.String, Optional: true})
	}
	return n
}
