// Package browser opens pages of this project in a real Chromium, for tests of what only a
// browser can tell: whether the keyboard works, whether anything scrolls sideways, whether
// the content security policy holds, and what it all looks like.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience bounds a whole test with a browser, so that a page that never answers fails
// instead of hanging. It is no measure of speed.
const patience = time.Minute

// programs are the names under which Chromium is installed, Debian's first.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// Tab is one tab of a headless Chromium of its own. It ends with the test.
type Tab struct {
	tb  testing.TB
	ctx context.Context
	watch
}

// Open starts a headless Chromium with an empty profile. Where there is none the test is
// skipped, and says so.
func Open(tb testing.TB) *Tab {
	tb.Helper()
	program := find()
	if program == "" {
		tb.Skip("no Chromium on PATH: this page is not tested in a browser here (Debian: apt-get install chromium)")
	}
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	tb.Cleanup(cancel)
	ctx, endProcess := chromedp.NewExecAllocator(ctx, flags(program, tb.TempDir())...)
	tb.Cleanup(endProcess)
	tab := &Tab{tb: tb}
	tab.ctx, _ = chromedp.NewContext(ctx, chromedp.WithListener(tab.see))
	// Unlike the context's own function, Cancel waits for the process to end: only then can its profile be removed.
	tb.Cleanup(func() { _ = chromedp.Cancel(tab.ctx) })
	tab.Do("start Chromium", listen)
	return tab
}

func find() string {
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// flags make Chromium run without a screen, ask nobody for anything, and leave nothing behind.
func flags(program, profile string) []chromedp.ExecAllocatorOption {
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.UserDataDir(profile),
	}
	for _, name := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-background-networking", "no-first-run", "disable-component-update",
		"disable-sync", "no-default-browser-check", "no-proxy-server", "disable-extensions", "disable-dev-shm-usage",
		"hide-scrollbars", "mute-audio",
	} {
		options = append(options, chromedp.Flag(name, true))
	}
	// The look of a page must not depend on the machine that runs the test.
	return append(options, chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("lang", "en-GB"))
}

// Do does something in the tab; what says what, for the message if it fails.
func (b *Tab) Do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.tb.Helper()
	b.check(what, chromedp.Do(b.ctx, steps...))
}

func (b *Tab) check(what string, err error) {
	b.tb.Helper()
	if err != nil {
		b.tb.Fatalf("browser: %s: %v%s", what, err, b.complaints())
	}
}

// Visit loads an address.
func (b *Tab) Visit(address string) {
	b.tb.Helper()
	b.Do("visit "+address, chromedp.Navigate(address))
}

// Resize gives the page a window of that many CSS pixels.
func (b *Tab) Resize(width, height int64) {
	b.tb.Helper()
	b.Do(fmt.Sprintf("resize to %d × %d", width, height), chromedp.EmulateViewport(width, height))
}

// Scheme makes the reader prefer a colour scheme, light or dark, on a screen.
func (b *Tab) Scheme(name string) {
	b.tb.Helper()
	b.media("prefer "+name, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
}

// Print shows the page as it is printed. Scheme goes back to the screen.
func (b *Tab) Print() {
	b.tb.Helper()
	b.media("print", emulation.SetEmulatedMediaParams{Media: "print"})
}

func (b *Tab) media(what string, params emulation.SetEmulatedMediaParams) {
	b.tb.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, params)
	b.check(what, err)
}

// Press types keys into whatever has the focus, as a keyboard does. See chromedp/kb for those without a character.
func (b *Tab) Press(keys string) {
	b.tb.Helper()
	b.Do(fmt.Sprintf("press %q", keys), chromedp.KeyEvent(keys))
}

// Text evaluates a JavaScript expression that gives text.
func (b *Tab) Text(expression string) string {
	b.tb.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](expression))
	b.check("read "+expression, err)
	return text
}

// Number evaluates a JavaScript expression that gives a number.
func (b *Tab) Number(expression string) float64 {
	b.tb.Helper()
	number, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](expression))
	b.check("read "+expression, err)
	return number
}

// Await waits until a JavaScript condition holds, looking at every frame that the page draws.
func (b *Tab) Await(what, condition string) {
	b.tb.Helper()
	// chromedp's own Poll makes a function of text, which a strict content security policy forbids.
	b.Do("wait until "+what, chromedp.Evaluate[chromedp.Void](`new Promise((done, fail) => {
		const look = () => { try { (`+condition+`) ? done() : requestAnimationFrame(look) } catch (e) { fail(e) } };
		look();
	})`, chromedp.EvalAwaitPromise))
}

// Overflow returns how many CSS pixels the page is wider than its window, and which elements
// reach out. 0 means that nobody has to scroll sideways.
func (b *Tab) Overflow() (pixels float64, guilty string) {
	b.tb.Helper()
	pixels = b.Number(`document.documentElement.scrollWidth - document.documentElement.clientWidth`)
	// An element may stay inside and its text still reach out of it.
	guilty = b.Text(`[...document.querySelectorAll('body *')]
		.filter(e => {
			const box = e.getBoundingClientRect(), inside = document.documentElement.clientWidth + 0.5;
			return box.right > inside || getComputedStyle(e).overflowX === 'visible' && box.left + e.scrollWidth > inside;
		})
		.slice(0, 5).map(e => e.tagName + (e.id && '#' + e.id) + (e.className && '.' + e.className)).join(', ')`)
	return pixels, guilty
}

// Faint returns the texts that stand out from their background by less than 4.5 to 1, the least that WCAG 2.2 asks of text
// (criterion 1.4.3), as the page is coloured now. Backgrounds must be plain colours.
func (b *Tab) Faint() string {
	b.tb.Helper()
	return b.Text(`(() => {
		const parts = color => color.match(/[\d.]+/g).map(Number);
		const light = color => parts(color).slice(0, 3).map(v => v / 255)
			.map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
			.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
		const behind = e => {
			for (; e; e = e.parentElement) {
				const color = getComputedStyle(e).backgroundColor;
				if ((parts(color)[3] ?? 1) > 0) return color;
			}
			return 'rgb(255, 255, 255)';
		};
		return [...document.querySelectorAll('body *')]
			.filter(e => e.checkVisibility() && !e.disabled && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
			.map(e => [e, [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x)])
			.filter(([, [more, less]]) => (more + 0.05) / (less + 0.05) < 4.5)
			.map(([e, [more, less]]) => e.tagName + '.' + e.className + ' ' + e.textContent.trim().slice(0, 30) + ' ' + ((more + 0.05) / (less + 0.05)).toFixed(2))
			.join('; ');
	})()`)
}

// Screenshot writes the whole page, however long, to build/screenshots/name.png of the
// project, and returns the path.
func (b *Tab) Screenshot(name string) string {
	b.tb.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	b.check("take a picture of "+name, err)
	dir := filepath.Join(root(b.tb), "build", "screenshots")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.tb.Fatalf("browser: make folder of screenshots: %v", err)
	}
	file := filepath.Join(dir, name+".png")
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		b.tb.Fatalf("browser: write screenshot: %v", err)
	}
	return file
}

// root is the project's folder: the next one upwards with a go.mod.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatalf("browser: find the project: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			tb.Fatal("browser: there is no go.mod above the test")
		}
		dir = parent
	}
}

// complaints is what the page complained about so far, for the message of a failure.
func (b *Tab) complaints() string {
	list := b.Problems()
	if len(list) == 0 {
		return ""
	}
	return "\nthe page complained:\n\t" + strings.Join(list, "\n\t")
}
