package generate

import (
	"fmt"
	"strings"

	function "github.com/flexsweep/flexsweep/cloudfunction"
)

// settingsTable is the table of the functions' environment variables.
func settingsTable(settings []function.Setting) string {
	out := &strings.Builder{}
	out.WriteString("| Setting | Read by | Required | Default | Bounds | Meaning |\n|---|---|---|---|---|---|\n")
	for _, s := range settings {
		var readers []string
		for _, e := range s.EntryPoints {
			readers = append(readers, string(e))
		}
		fmt.Fprintf(out, "| `%s`%s | %s | %s | %s | %s | %s |\n",
			s.Name, secretMark(s), strings.Join(readers, ", "), yes(s.Required), code(s.Default), bounds(s.Form), cell(s.Description))
	}
	return out.String()
}

// bounds is what a setting may be, where there is an end to it.
func bounds(f function.Form) string {
	if f.Least != "" {
		return code(f.Least) + " to " + code(f.Most)
	}
	words := make([]string, len(f.Words))
	for i, w := range f.Words {
		words[i] = code(w)
	}
	return strings.Join(words, " or ")
}

func secretMark(s function.Setting) string {
	if s.Secret {
		return " (secret)"
	}
	return ""
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + cell(s) + "`"
}

// cell makes a text fit for one cell of a Markdown table.
func cell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
}
