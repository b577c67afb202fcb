// Lists archives as Go's archive/tar reads them, which is how containerd, umoci, Flux, crane and skopeo do.
// In: a JSON array of archives in base64. Out: a JSON array of listings in the same order.
package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"os"
)

type entry struct {
	Type   string `json:"type"`
	Name   string `json:"name"`
	Link   string `json:"link"`
	Size   int64  `json:"size"`
	Mode   int64  `json:"mode"`
	Sha256 string `json:"sha256"`
}

type listing struct {
	Entries []entry `json:"entries"`
	Error   string  `json:"error"`
}

func list(archive []byte) listing {
	found := listing{Entries: []entry{}}
	reader := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return found
		}
		hash := sha256.New()
		if err == nil {
			header.Size, err = io.Copy(hash, reader)
		}
		if err != nil {
			found.Error = err.Error()
			return found
		}
		found.Entries = append(found.Entries, entry{string(header.Typeflag), header.Name, header.Linkname,
			header.Size, header.Mode & 0o7777, hex.EncodeToString(hash.Sum(nil))})
	}
}

func main() {
	var archives [][]byte
	if err := json.NewDecoder(os.Stdin).Decode(&archives); err != nil {
		log.Fatal(err)
	}
	listings := make([]listing, len(archives))
	for index, archive := range archives {
		listings[index] = list(archive)
	}
	if err := json.NewEncoder(os.Stdout).Encode(listings); err != nil {
		log.Fatal(err)
	}
}
