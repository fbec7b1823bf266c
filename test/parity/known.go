package main

import "fmt"

// knownDifference is a place at which the fake is not like Twilio, on purpose or not yet. It fails once it is none any more.
type knownDifference struct{ Case, Step, Path, Why string }

// knownDifferences are those that LIVE runs have found. Nobody has played the battery against Twilio yet.
var knownDifferences []knownDifference

// verdict is what holding the fake against golden files came to.
type verdict struct {
	recorded int               // cases that Twilio was asked
	unknown  []difference      // that no row explains
	stale    []knownDifference // that are no differences any more
}

// judge holds what the fake did against what Twilio did, as far as it was recorded.
func judge(dir string, fake []record, rows []knownDifference) (verdict, error) {
	var v verdict
	used := make([]bool, len(rows))
	asked := map[string]bool{}
	for _, r := range fake {
		g, there, err := readGolden(dir, r.Case)
		if err != nil {
			return v, err
		}
		if !there {
			continue
		}
		v.recorded++
		asked[r.Case] = true
		for _, d := range compare(record{Case: r.Case, Exchanges: g.Exchanges}, r) {
			explained := false
			for i, row := range rows {
				if row.Case == d.Case && row.Step == d.Step && row.Path == d.Path {
					used[i], explained = true, true
				}
			}
			if !explained {
				v.unknown = append(v.unknown, d)
			}
		}
	}
	for i, row := range rows {
		if !used[i] && asked[row.Case] {
			v.stale = append(v.stale, row)
		}
	}
	return v, nil
}

// complaints are what is wrong, a line for each.
func (v verdict) complaints() []string {
	var lines []string
	for _, d := range v.unknown {
		lines = append(lines, d.String())
	}
	for _, row := range v.stale {
		lines = append(lines, fmt.Sprintf("%s/%s %s is known as a difference and is none any more: take the row out", row.Case, row.Step, row.Path))
	}
	return lines
}
