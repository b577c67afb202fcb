// Flux's own push and pull of artifacts, by the library behind `flux push artifact` and `flux pull artifact`: the program itself
// cannot be installed by Go (its module replaces others).
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/fluxcd/pkg/oci"
	"github.com/google/go-containerregistry/pkg/crane"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: flux-artifact push|pull HOST/REPOSITORY:TAG FOLDER")
		os.Exit(64)
	}
	ctx := context.Background()
	flux := oci.NewClient(append(oci.DefaultOptions(), crane.Insecure))
	var err error
	if os.Args[1] == "push" {
		_, err = flux.Push(ctx, os.Args[2], os.Args[3])
	} else {
		_, err = flux.Pull(ctx, os.Args[2], os.Args[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
