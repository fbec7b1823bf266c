// Command function serves one entry point of the cloud function as Google runs it: this
// is the main program that Google's Go buildpack writes around the root package.
// FUNCTION_TARGET names the entry point, PORT the port.
package main

import (
	"cmp"
	"log"
	"os"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"

	_ "github.com/flexsweep/flexsweep/cloudfunction"
)

func main() {
	// Unlike Google's, it listens on this machine only.
	if err := funcframework.StartHostPort("127.0.0.1", cmp.Or(os.Getenv("PORT"), "8080")); err != nil {
		log.Fatalf("serve: %v", err)
	}
}
