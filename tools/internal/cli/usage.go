package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/flexsweep/flexsweep/tools/internal/environment"
)

// flagError says in words what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &missing):
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		name := missing.GetSpecifiedName()
		if near := environment.Nearest(name, known); near != "" && len(name) > 1 {
			err = fmt.Errorf("unknown flag --%s, did you mean --%s?", name, near)
		}
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		err = fmt.Errorf("--%s %q: %s is wanted", f.Name, invalid.GetValue(), wanted(f.Value.Type()))
	}
	return &exit{ExitUsage, fmt.Errorf("%w (see flexsweep %s --help)", err, cmd.Name())}
}

// wanted is a flag's type in words.
func wanted(kind string) string {
	switch kind {
	case "int", "int64", "uint", "uint64":
		return "a whole number"
	case "float64":
		return "a number"
	case "bool":
		return "true or false"
	case "duration":
		return "a time such as 90m or 48h"
	}
	return "another value"
}

// onlyCommands is the root's check of its arguments: all that it takes are commands.
func onlyCommands(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	said := fmt.Sprintf("unknown command %q", args[0])
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		said += ", did you mean " + strings.Join(near, " or ") + "?"
	}
	return &exit{ExitUsage, fmt.Errorf("%s (see flexsweep --help)", said)}
}

// called puts the way in which the tool was started into advice such as "flexsweep
// apply prod", so that it can be typed as it is printed.
func (p *Program) called(text string) string {
	if p.Self == "" || p.Self == "flexsweep" || p.commands == nil {
		return text
	}
	return p.commands.ReplaceAllString(text, p.Self+" $1")
}

// commandPattern finds the tool's commands in a text.
func commandPattern(root *cobra.Command) *regexp.Regexp {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return regexp.MustCompile(`\bflexsweep ((?:` + strings.Join(names, "|") + `)\b|--help)`)
}
