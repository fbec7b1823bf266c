package terraform

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// State is what Terraform has written down of an environment.
type State struct {
	Managed []string // addresses of resources, with their index
	Tainted []string // those of them whose creation did not finish
}

// rawState is the part of a state file of version 4 that is read.
type rawState struct {
	Resources []struct {
		Module    string `json:"module"`
		Mode      string `json:"mode"`
		Type      string `json:"type"`
		Name      string `json:"name"`
		Instances []struct {
			Index   any    `json:"index_key"`
			Status  string `json:"status"`
			Deposed string `json:"deposed"`
		} `json:"instances"`
	} `json:"resources"`
}

// State reads the state; it needs no provider. Before the first apply it is empty.
func (r *Runner) State(ctx context.Context) (State, error) {
	text, err := r.tf.StatePull(ctx)
	if err != nil {
		return State{}, fmt.Errorf("read the state: %w", err)
	}
	return parseState(text)
}

func parseState(text string) (State, error) {
	if strings.TrimSpace(text) == "" {
		return State{}, nil
	}
	var raw rawState
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return State{}, fmt.Errorf("read the state: %w", err)
	}
	var s State
	for _, res := range raw.Resources {
		if res.Mode != "managed" {
			continue
		}
		for _, instance := range res.Instances {
			if instance.Deposed != "" {
				continue
			}
			address := strings.TrimPrefix(res.Module+"."+res.Type+"."+res.Name, ".") + index(instance.Index)
			s.Managed = append(s.Managed, address)
			if instance.Status == "tainted" {
				s.Tainted = append(s.Tainted, address)
			}
		}
	}
	return s, nil
}

func index(key any) string {
	switch k := key.(type) {
	case string:
		return fmt.Sprintf("[%q]", k)
	case float64:
		return fmt.Sprintf("[%d]", int(k))
	}
	return ""
}

// Forget takes address out of the state; the object itself is not touched.
func (r *Runner) Forget(ctx context.Context, address string) error {
	if err := r.tf.StateRm(ctx, address, tfexec.LockTimeout(lockTimeout)); err != nil {
		return fmt.Errorf("terraform state rm %s: %w", address, err)
	}
	return nil
}

// Taint marks address, so that the next plan replaces it.
func (r *Runner) Taint(ctx context.Context, address string) error {
	if err := r.tf.Taint(ctx, address, tfexec.LockTimeout(lockTimeout)); err != nil {
		return fmt.Errorf("terraform taint %s: %w", address, err)
	}
	return nil
}
