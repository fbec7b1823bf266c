package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
)

// Field is one thing to ask for.
type Field struct {
	Title string
	Check func(string) error // says what is wrong with an answer; nil: any will do
	Value *string            // what is suggested, and then the answer
}

// Ask puts a question. Nothing but "yes" is a yes. The error is context.Canceled when
// the person interrupts it, or ctx ends.
func Ask(ctx context.Context, in io.Reader, out io.Writer, question string) (bool, error) {
	var answer string
	err := Fill(ctx, in, out, []Field{{Title: question + ` Only "yes" is taken as yes:`, Value: &answer}})
	return answer == "yes", err
}

// Fill asks for the fields, one after the other, each until its answer is right. The
// error is context.Canceled when the person interrupts it, or ctx ends; where the
// answers end too early, it is what the check says of the empty one.
func Fill(ctx context.Context, in io.Reader, out io.Writer, fields []Field) error {
	var err error
	if screen, ok := in.(*os.File); ok && IsTerminal(screen) && IsTerminal(out) {
		err = drawn(ctx, screen, out, fields)
	} else {
		err = inLines(ctx, in, out, fields)
	}
	if err != nil {
		return err
	}
	for _, f := range fields {
		if err := f.check(*f.Value); err != nil {
			return err
		}
	}
	return nil
}

func (f Field) check(answer string) error {
	if f.Check == nil {
		return nil
	}
	return f.Check(answer)
}

func (f Field) input() *huh.Input {
	return huh.NewInput().Title(f.Title).Value(f.Value).Validate(f.check)
}

// drawn asks on a terminal that can be drawn on. The keyboard's Ctrl-C comes as a key
// there; signals are the program's own business.
func drawn(ctx context.Context, in *os.File, out io.Writer, fields []Field) error {
	var inputs []huh.Field
	for _, f := range fields {
		inputs = append(inputs, f.input())
	}
	form := huh.NewForm(huh.NewGroup(inputs...)).WithShowHelp(false).WithTheme(huh.ThemeFunc(huh.ThemeBase)).
		WithProgramOptions(tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler())
	err := form.RunWithContext(ctx)
	switch {
	case ctx.Err() != nil || errors.Is(err, huh.ErrUserAborted) || err == nil && form.State != huh.StateCompleted:
		return context.Canceled
	case err != nil:
		return fmt.Errorf("ask: %w", err)
	}
	for _, f := range fields {
		fmt.Fprintf(out, "%s %s\n", f.Title, *f.Value) // the drawing goes, the answers stay
	}
	return nil
}

// inLines asks line by line, for terminals that cannot be drawn on, and for files. What
// waits for a line cannot be woken: it is left behind when ctx ends.
func inLines(ctx context.Context, in io.Reader, out io.Writer, fields []Field) error {
	ended := make(chan error, 1)
	go func() {
		for _, f := range fields {
			if err := f.input().WithTheme(huh.ThemeFunc(huh.ThemeBase)).RunAccessible(out, oneByOne{in}); err != nil {
				ended <- fmt.Errorf("ask: %w", err)
				return
			}
		}
		ended <- nil
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return context.Canceled
	}
}

// oneByOne reads a byte at a time, so that no question takes the next one's answer.
type oneByOne struct{ io.Reader }

// Read implements io.Reader.
func (r oneByOne) Read(p []byte) (int, error) {
	if len(p) > 1 {
		p = p[:1]
	}
	return r.Reader.Read(p)
}
