package cli

import (
	"errors"
	"fmt"

	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

// confirm asks, where there is somebody to ask.
func (p *Program) confirm(yes bool, question string) error {
	switch {
	case yes:
		return nil
	case !p.Terminal:
		return refused(errors.New("nobody is there to be asked; say --yes (in make: YES=1)"))
	}
	agreed, err := ui.Ask(p.ctx, p.In, p.people(), question)
	if err != nil {
		return err
	}
	if !agreed {
		return refused(errors.New("not done"))
	}
	return nil
}

// confirmDestroy asks, too; in a protected environment --yes is not enough, and its name
// has to be given.
func (p *Program) confirmDestroy(env *environment.Environment, f destroyFlags, question string) error {
	if !env.Protected() {
		return p.confirm(f.yes, question)
	}
	name := f.confirm
	if name == "" && p.Terminal {
		title := fmt.Sprintf("%s It is protected: type its name:", question)
		if err := ui.Fill(p.ctx, p.In, p.people(), []ui.Field{{Title: title, Value: &name}}); err != nil {
			return err
		}
	}
	if name != env.Name {
		return refused(fmt.Errorf("not done: %s is protected; to destroy it give its name: --confirm %s", env.Name, env.Name))
	}
	return nil
}
