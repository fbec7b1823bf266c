package google

import (
	"crypto/md5" // what Cloud Storage names an object's content by
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"math/big"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// prepareObject copies the object's source into the store, with the checksums
// and the generation that Cloud Storage answers.
func prepareObject(p *Provider, planned, _ plan.Object, _ bool) error {
	data := []byte(value.Text(planned["content"]))
	if source := value.Text(planned["source"]); source != "" {
		var err error
		if data, err = os.ReadFile(source); err != nil {
			return fmt.Errorf("read the source of object %q: %w", value.Text(planned["name"]), err)
		}
		planned["content"] = nil
	}
	sum := md5.Sum(data) // see the import
	planned["md5hash"] = base64.StdEncoding.EncodeToString(sum[:])
	planned["md5hexhash"] = hex.EncodeToString(sum[:])
	check := binary.BigEndian.AppendUint32(nil, crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
	planned["crc32c"] = base64.StdEncoding.EncodeToString(check)
	planned["generation"] = new(big.Float).SetInt64(p.store.generation())
	return p.store.write(objectFile(planned), data)
}

func objectFile(object plan.Object) string {
	return path.Join(applied.ObjectsFolder, value.Text(object["bucket"]), value.Text(object["name"]))
}

// prepareVersion stores a secret's value, which a write-only argument gives in
// the configuration only, and numbers the version.
func prepareVersion(p *Provider, planned, config plan.Object, create bool) error {
	if !create {
		return nil
	}
	text, ok := config["secret_data_wo"].(string)
	if !ok {
		text = value.Text(planned["secret_data"])
	}
	data := []byte(text)
	if planned["is_secret_data_base64"] == true {
		var err error
		if data, err = base64.StdEncoding.DecodeString(text); err != nil {
			return fmt.Errorf("decode the base64 of a secret: %w", err)
		}
	}
	if len(data) == 0 {
		return fmt.Errorf("a version of %s has no data", value.Text(planned["secret"]))
	}
	number, err := p.store.addVersion(last(value.Text(planned["secret"])), data)
	planned["version"] = strconv.Itoa(number)
	return err
}

func stateVersionFile(state plan.Object) string {
	return versionFile(last(value.Text(state["secret"])), value.Text(state["version"]))
}

// last gives what follows the last slash of a resource name.
func last(name string) string { return name[strings.LastIndex(name, "/")+1:] }
