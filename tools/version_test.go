package main

import (
	"runtime/debug"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	of := func(module string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: module}, Settings: settings}
	}
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "abc"}
	for _, row := range []struct {
		name   string
		info   *debug.BuildInfo
		want   string
		reason string
	}{
		{"clean", of("(devel)", revision, debug.BuildSetting{Key: "vcs.modified", Value: "false"}), "abc", "a revision says it all"},
		{"dirty", of("(devel)", revision, debug.BuildSetting{Key: "vcs.modified", Value: "true"}), "abc-dirty", "the revision alone would not be what runs"},
		{"module", of("v1.2.3"), "v1.2.3", "go install module@version knows no revision"},
		{"neither", of("(devel)"), "unknown (built without version control)", "better said than left empty"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := versionOf(row.info); got != row.want {
				t.Errorf("%q, want %q: %s", got, row.want, row.reason)
			}
		})
	}
}
