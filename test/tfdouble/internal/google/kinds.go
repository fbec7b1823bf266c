package google

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// kind is what a resource type needs beyond its schema.
type kind struct {
	// prepare fills in values made from content (nil: templates do).
	prepare func(p *Provider, planned, config plan.Object, create bool) error
	// write keeps the resource's file, for a prepare that has not done so.
	write func(p *Provider, state plan.Object) error
	// file names the resource's file in the store; it stands for the resource
	// itself: without it the resource is gone.
	file func(state plan.Object) string
	// refuse says why the resource cannot be deleted.
	refuse func(p *Provider, state plan.Object) error
	// hinder says why it cannot be made or changed as state says.
	hinder func(p *Provider, state plan.Object) error
	// stays tells that a creation which fails leaves the resource behind.
	stays bool
	// answer gives the state that the real provider reads back: what Google has, in
	// which not everything is looked at. Without it nothing can differ.
	answer func(state, google plan.Object) plan.Object
}

var kinds = map[string]kind{
	"google_storage_bucket":                  {refuse: refuseFullBucket},
	"google_storage_bucket_object":           {prepare: prepareObject, file: objectFile},
	"google_secret_manager_secret_version":   {prepare: prepareVersion, file: stateVersionFile},
	"google_monitoring_dashboard":            {answer: answerDashboard},
	"google_monitoring_notification_channel": {refuse: refuseUsedChannel},
	"google_cloudfunctions2_function": {write: writeFunction, file: functionFile, hinder: hinderFunction,
		stays: true, answer: answerFunction},
	"google_cloud_scheduler_job":              {write: writeJob, file: jobFile},
	"google_project_iam_member":               binding("google_project_iam_member"),
	"google_secret_manager_secret_iam_member": secretBinding(),
	"google_cloud_run_v2_service_iam_member":  binding("google_cloud_run_v2_service_iam_member"),
	"google_storage_bucket_iam_member":        binding("google_storage_bucket_iam_member"),
	"google_service_account_iam_member":       binding("google_service_account_iam_member"),
}

// binding is the kind of every grant: its id is RESOURCE/ROLE/MEMBER.
func binding(resourceType string) kind {
	file := func(state plan.Object) string {
		sum := sha256.Sum256([]byte(resourceType + " " + value.Text(state["id"])))
		return path.Join(applied.BindingsFolder, hex.EncodeToString(sum[:8])+".json")
	}
	write := func(p *Provider, state plan.Object) error {
		role, member := value.Text(state["role"]), value.Text(state["member"])
		resource := strings.TrimSuffix(value.Text(state["id"]), "/"+role+"/"+member)
		return p.store.writeJSON(file(state), applied.Binding{
			Type: resourceType, Resource: resource, Role: role, Member: member})
	}
	return kind{write: write, file: file}
}

// secretBinding is a grant on a secret, whose name the real provider stores in its long form whatever it was given.
func secretBinding() kind {
	k := binding("google_secret_manager_secret_iam_member")
	k.prepare = func(p *Provider, planned, _ plan.Object, _ bool) error {
		if value.IsUnknown(planned["project"]) {
			planned["project"], _ = p.Names("@project secret_id", planned)
		}
		planned["secret_id"] = "projects/" + value.Text(planned["project"]) + "/secrets/" + last(value.Text(planned["secret_id"]))
		return nil
	}
	return k
}

func refuseFullBucket(p *Provider, state plan.Object) error {
	name := value.Text(state["name"])
	folder := filepath.Join(p.options.Dir, applied.ObjectsFolder, name)
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) == 0 {
		return nil
	}
	if state["force_destroy"] == true {
		return os.RemoveAll(folder)
	}
	return fmt.Errorf("Error trying to delete bucket %s containing objects without `force_destroy` set to true", name)
}
