// Package applied describes the files in which the stand-in for
// hashicorp/google keeps what was applied, so that a local runner can run it.
//
//	functions/<name>.json         a Function
//	jobs/<name>.json              a Job
//	iam/<hash>.json               a Binding
//	objects/<bucket>/<object>     an object's bytes
//	secrets/<id>/<version>        a secret version's bytes, mode 0600
//
// Every File in them is relative to the directory and uses slashes. Deleting
// the resource deletes its file; and a file deleted by hand is a resource
// deleted by hand: the next plan creates it again.
package applied

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
)

// The folders within the directory of the stand-in provider.
const (
	FunctionsFolder = "functions"
	JobsFolder      = "jobs"
	BindingsFolder  = "iam"
	ObjectsFolder   = "objects"
	SecretsFolder   = "secrets"
)

// Function is an applied google_cloudfunctions2_function.
type Function struct {
	Name       string `json:"name"`
	Project    string `json:"project"`
	Location   string `json:"location"`
	URL        string `json:"url"` // cloudfunctions.net
	URI        string `json:"uri"` // run.app
	Runtime    string `json:"runtime"`
	EntryPoint string `json:"entry_point"`

	EnvironmentVariables map[string]string `json:"environment_variables"`
	Secrets              []Secret          `json:"secret_environment_variables"`

	TimeoutSeconds int64  `json:"timeout_seconds"`
	ServiceAccount string `json:"service_account"`
	Ingress        string `json:"ingress"`
	MaxInstances   int64  `json:"max_instances"`
	MinInstances   int64  `json:"min_instances"`
	Concurrency    int64  `json:"concurrency"` // requests an instance takes at once
	Memory         string `json:"memory"`
	CPU            string `json:"cpu"`

	Bundle Bundle `json:"bundle"`
}

// Secret is an environment variable whose value is a secret version.
type Secret struct {
	Key     string `json:"key"`
	Project string `json:"project_id"`
	Secret  string `json:"secret"`
	Version string `json:"version"` // as configured: a number or "latest"
	File    string `json:"file"`    // the value; for "latest" the newest when applied
}

// Bundle is the object a function was built from.
type Bundle struct {
	Bucket     string `json:"bucket"`
	Object     string `json:"object"`
	Generation string `json:"generation"`
	File       string `json:"file"`
}

// Job is an applied google_cloud_scheduler_job with an HTTP target.
type Job struct {
	Name     string `json:"name"`
	Project  string `json:"project"`
	Region   string `json:"region"`
	Schedule string `json:"schedule"`
	TimeZone string `json:"time_zone"`
	Paused   bool   `json:"paused"`

	AttemptDeadline string `json:"attempt_deadline"` // such as "180s"
	RetryCount      int64  `json:"retry_count"`

	URI     string            `json:"uri"`
	Method  string            `json:"http_method"`
	Body    string            `json:"body"` // decoded, not base64
	Headers map[string]string `json:"headers"`

	OIDCServiceAccount string `json:"oidc_service_account"`
	OIDCAudience       string `json:"oidc_audience"`
}

// Binding is an applied grant of one role to one member.
type Binding struct {
	Type     string `json:"type"`     // the Terraform resource type
	Resource string `json:"resource"` // such as projects/P/locations/L/services/NAME
	Role     string `json:"role"`
	Member   string `json:"member"`
}

// Functions gives the applied functions, sorted by file name.
func Functions(dir string) ([]Function, error) { return read[Function](dir, FunctionsFolder) }

// Jobs gives the applied scheduler jobs, sorted by file name.
func Jobs(dir string) ([]Job, error) { return read[Job](dir, JobsFolder) }

// Bindings gives the applied grants, in no order that matters.
func Bindings(dir string) ([]Binding, error) { return read[Binding](dir, BindingsFolder) }

func read[T any](dir, folder string) ([]T, error) {
	paths, err := filepath.Glob(filepath.Join(dir, folder, "*.json"))
	if err != nil {
		return nil, err
	}
	sort.Strings(paths)
	all := make([]T, len(paths))
	for i, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read an applied resource: %w", err)
		}
		if err := json.Unmarshal(data, &all[i]); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
	}
	return all, nil
}
