package generate

import (
	"fmt"
	"strings"

	function "github.com/flexsweep/flexsweep/cloudfunction"
)

// settingsTable is the table of the functions' environment variables.
func settingsTable(settings []function.Setting) string {
	out := &strings.Builder{}
	out.WriteString("| Setting | Read by | Required | Default | Meaning |\n|---|---|---|---|---|\n")
	for _, s := range settings {
		var readers []string
		for _, e := range s.EntryPoints {
			readers = append(readers, string(e))
		}
		fmt.Fprintf(out, "| `%s`%s | %s | %s | %s | %s |\n",
			s.Name, secretMark(s), strings.Join(readers, ", "), yes(s.Required), code(s.Default), cell(s.Description))
	}
	return out.String()
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
