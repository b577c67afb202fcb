// Writes the tar of a folder as github.com/fluxcd/pkg/tar does for `flux push artifact` (tar.go of 2026, and
// oci/build.go before it): a walk, headers of archive/tar without owner and time. Only what decides bytes is here.
package main

import (
	"archive/tar"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"
)

func main() {
	root := os.Args[1]
	out := tar.NewWriter(os.Stdout)
	check(filepath.Walk(root, func(location string, info os.FileInfo, err error) error {
		check(err)
		header, err := tar.FileInfoHeader(info, location)
		check(err)
		name, err := filepath.Rel(root, location)
		check(err)
		header.Name = filepath.ToSlash(name)
		header.Uid, header.Gid, header.Uname, header.Gname = 0, 0, "", ""
		header.ModTime, header.AccessTime, header.ChangeTime = time.Time{}, time.Time{}, time.Time{}
		check(out.WriteHeader(header))
		if !info.Mode().IsRegular() {
			return nil
		}
		file, err := os.Open(location)
		check(err)
		defer file.Close()
		_, err = io.Copy(out, file)
		return err
	}))
	check(out.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
