package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages into a directory",
		Long:  "Write a manual page for every command (peerscope-watch.1 and so on) into a directory, which is made if needed.",
		Example: `  peerscope man /usr/local/share/man/man1
  man -l /usr/local/share/man/man1/peerscope-watch.1`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // a date in it would make every build differ
			return doc.GenManTree(root, manHeader(thisBuild()), args[0])
		},
	}
}

// manHeader dates the pages by the commit, where that is known.
func manHeader(b build) *doc.GenManHeader {
	header := &doc.GenManHeader{Section: "1", Source: fmt.Sprintf("peerscope %s", b.Version), Manual: "Peerscope"}
	if committed, err := time.Parse(time.RFC3339, b.Time); err == nil {
		header.Date = &committed
	}
	return header
}
