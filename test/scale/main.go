// Command scale reckons and simulates what flexsweep does at 1, 100 and 10,000 retired
// channels a minute, against the limits that Twilio documents.
//
// Nothing is measured here: latency, the length of tasks and prices are assumptions, each
// named where it stands. Time is virtual and chance is seeded, so the same source prints
// the same tables.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "scale: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("scale", flag.ContinueOnError)
	write := flags.Bool("write", false, "renew the tables in docs/scale.md, from the project's root")
	latency := flags.Duration("latency", 100*time.Millisecond, "of a request to Twilio, on average")
	flags.Func("price", "your price of a thing, as `name=dollars`; the names stand in the table of prices", setPrice)
	flags.SetOutput(io.Discard) // main says what is wrong
	if err := flags.Parse(args); err != nil {
		flags.SetOutput(out)
		if errors.Is(err, flag.ErrHelp) {
			flags.PrintDefaults()
		}
		return err
	}
	if *latency <= 0 {
		return fmt.Errorf("read -latency: %v is no time that a request can take", *latency)
	}
	if *write && flags.NFlag() > 1 {
		return errors.New("write docs/scale.md: its tables are those of the assumptions as they stand, so -write goes alone")
	}
	text := tables(*latency)
	if *write {
		return renew(page, text)
	}
	_, err := io.WriteString(out, text)
	return err
}

func setPrice(text string) error {
	name, value, _ := strings.Cut(text, "=")
	price, err := strconv.ParseFloat(value, 64)
	if err != nil || price < 0 {
		return fmt.Errorf("%q is not like calls=0.05", text)
	}
	for n := range items {
		if items[n].name == name {
			items[n].price, items[n].source = price, "yours"
			return nil
		}
	}
	return fmt.Errorf("nothing is named %q", name)
}
