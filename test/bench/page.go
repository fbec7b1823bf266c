package main

import (
	"bytes"
	"fmt"
	"html/template"
	"os"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// chart is one plot of the page: figures with a common prefix, over the number in their names.
type chart struct {
	Title, X, Y string
	prefix      string
	suffix      string
	beside      string // the name of the second line, "" for none
	low         bool   // the legend has room at the bottom
	SVG         template.HTML
}

var charts = []chart{
	{Title: "Events a second, by the size of the ledger", X: "records", Y: "events/s", prefix: "events_per_second/D=", low: true,
		beside: "the sample's algorithm"},
	{Title: "The same with 50 ms to Twilio", X: "records", Y: "events/s", prefix: "events_per_second/D=", suffix: "/latency=50ms", low: true,
		beside: "the sample's algorithm"},
	{Title: "Requests for each event", X: "records", Y: "requests", prefix: "calls_per_event/D=", beside: "the sample's algorithm"},
	{Title: "Seconds for a sweep (flexsweep at 2,000 requests/s, the sample without a limit)", X: "channels due", Y: "s",
		prefix: "sweep_seconds/due=", beside: "the sample's algorithm"},
	{Title: "Memory of a sweep", X: "records", Y: "MiB", prefix: "sweep_rss_mib/records="},
}

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>flexsweep: measured</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1b1b;background:#fff}
section{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:1.5rem}
figure{margin:0}svg{max-width:100%;height:auto;background:#fff}figcaption{font-weight:600}
table{border-collapse:collapse;width:100%}td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}
div{overflow-x:auto}
</style>
<h1>flexsweep: measured</h1>
<p>Both sides ran on the same fake Twilio on one machine, eight deliveries at a time. Both axes are logarithmic.</p>
<section>{{range .Charts}}<figure><figcaption>{{.Title}}</figcaption>{{.SVG}}</figure>{{end}}</section>
<h2>All figures</h2>
<div><table><tr><th>figure<th>value<th>unit<th>beside<th>ratio</tr>
{{range .Figures}}<tr><td>{{.Name}}<td>{{printf "%.4g" .Value}}<td>{{.Unit}}<td>{{if .Beside}}{{printf "%.4g" .Beside}}{{end}}<td>{{if .Beside}}{{printf "%.4g" .Ratio}}{{end}}</tr>
{{end}}</table></div>
</html>
`))

func writePage(path string, figures []figure) error {
	drawn := make([]chart, len(charts))
	for i, c := range charts {
		svg, err := c.draw(figures)
		if err != nil {
			return fmt.Errorf("draw %q: %w", c.Title, err)
		}
		c.SVG = svg
		drawn[i] = c
	}
	var out bytes.Buffer
	if err := page.Execute(&out, map[string]any{"Charts": drawn, "Figures": figures}); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

// points are the chart's figures over the number in their names.
func (c chart) points(figures []figure) (ours, beside plotter.XYs) {
	for _, f := range figures {
		text, found := strings.CutPrefix(f.Name, c.prefix)
		if !found || !strings.HasSuffix(text, c.suffix) {
			continue
		}
		x, err := strconv.ParseFloat(strings.TrimSuffix(text, c.suffix), 64)
		if err != nil {
			continue // of another latency
		}
		ours = append(ours, plotter.XY{X: x, Y: f.Value})
		if f.Beside > 0 {
			beside = append(beside, plotter.XY{X: x, Y: f.Beside})
		}
	}
	return ours, beside
}

func (c chart) draw(figures []figure) (template.HTML, error) {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = c.X, c.Y
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	p.Legend.Left, p.Legend.Top = true, !c.low
	p.Add(plotter.NewGrid())
	ours, beside := c.points(figures)
	lines := []any{"flexsweep", ours}
	if c.beside != "" && len(beside) > 0 {
		lines = append(lines, c.beside, beside)
	}
	if err := plotutil.AddLinePoints(p, lines...); err != nil {
		return "", err
	}
	if c.beside == "" { // a flat line would fill the whole height
		p.Y.Min, p.Y.Max = 1, 100
	}
	canvas := vgsvg.New(5*vg.Inch, 3.2*vg.Inch)
	p.Draw(draw.New(canvas))
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return "", err
	}
	return template.HTML(out.String()[strings.Index(out.String(), "<svg"):]), nil // drawn here, from numbers
}
