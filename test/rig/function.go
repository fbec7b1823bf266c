package rig

import (
	"context"
	"os"
	"strings"
)

// StartFunction starts the function's program for one entry point at an address on this
// machine, with nothing in its environment but what Google would give it and the settings.
func StartFunction(dir, program, target, address string, settings map[string]string) (*Process, error) {
	env := []string{"FUNCTION_TARGET=" + target, "PORT=" + address[strings.LastIndexByte(address, ':')+1:], "HOME=" + os.Getenv("HOME")}
	for name, value := range settings {
		env = append(env, name+"="+value)
	}
	return Start(dir, strings.ToLower(target), program, nil, env, nil)
}

// Serve is StartFunction, and returns when the function accepts connections.
func Serve(ctx context.Context, dir, program, target, address string, settings map[string]string) (*Process, error) {
	p, err := StartFunction(dir, program, target, address, settings)
	if err != nil {
		return nil, err
	}
	return p, p.WaitUntilUp(ctx, address)
}
