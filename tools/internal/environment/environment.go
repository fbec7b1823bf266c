// Package environment knows what an environment is: a name, the variables file
// and backend file under infra/environments, and a folder of its own under build/.
package environment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// Local is the environment that needs no account: everything in it is a stand-in.
const Local = "local"

// Environment is one set of everything that flexsweep provisions.
type Environment struct {
	Name        string
	Root        string // the project
	Infra       string // Root/infra
	VarFile     string // infra/environments/NAME.tfvars
	BackendFile string // infra/environments/NAME.gcs.tfbackend; empty for local
	Build       string // what the tool writes for this environment: build/NAME
	Values      Values // the variables file
}

// name is what an environment may be called: it becomes part of resource names.
var name = regexp.MustCompile(`^[a-z][a-z0-9-]{0,15}$`)

// ValidName says what is wrong with a name, or nil.
func ValidName(n string) error {
	if !name.MatchString(n) {
		return fmt.Errorf("environment name %q: use 1 to 16 lower-case letters, digits and dashes, a letter first", n)
	}
	return nil
}

// Load finds the environment n in the project at root; build is the folder for
// everything that is made.
func Load(root, build, n string) (*Environment, error) {
	if err := ValidName(n); err != nil {
		return nil, err
	}
	infra := filepath.Join(root, "infra")
	e := &Environment{
		Name:    n,
		Root:    root,
		Infra:   infra,
		VarFile: filepath.Join(infra, "environments", n+".tfvars"),
		Build:   filepath.Join(build, n),
	}
	values, err := ReadValues(e.VarFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil, unknown(root, n)
	}
	if err != nil {
		return nil, err
	}
	e.Values = values
	if said := values.String("environment"); said != "" && said != n {
		return nil, fmt.Errorf("infra/environments/%s.tfvars says environment = %q: what it makes would be named like that of %s; "+
			"write environment = %q", n, said, said, n)
	}
	if n == Local {
		return e, nil
	}
	e.BackendFile = filepath.Join(infra, "environments", n+".gcs.tfbackend")
	if _, err := os.Stat(e.BackendFile); err != nil {
		return nil, fmt.Errorf("environment %q has no infra/environments/%s.gcs.tfbackend, which says where its state is kept", n, n)
	}
	return e, nil
}

// unknown is the error for a name that no file bears.
func unknown(root, n string) error {
	names := Names(root)
	if near := Nearest(n, names); near != "" {
		return fmt.Errorf("no environment %q; did you mean %s? (known: %s; a new one: flexsweep init %s)", n, near, strings.Join(names, ", "), n)
	}
	return fmt.Errorf("no environment %q: there is no infra/environments/%s.tfvars (known: %s); make one with: flexsweep init %s",
		n, n, strings.Join(names, ", "), n)
}

// Protected reports whether the guard watches over the environment: unless its
// variables file says no, as in infra/variables.tf.
func (e *Environment) Protected() bool { return !e.Values.isFalse("protected") }

// IsLocal reports whether it is the environment without accounts.
func (e *Environment) IsLocal() bool { return e.Name == Local }

// Names lists the environments of the project, sorted.
func Names(root string) []string {
	files, _ := filepath.Glob(filepath.Join(root, "infra", "environments", "*.tfvars"))
	names := make([]string, 0, len(files))
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".tfvars"))
	}
	sort.Strings(names)
	return names
}
