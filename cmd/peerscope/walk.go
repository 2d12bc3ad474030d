package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"

	"github.com/spf13/cobra"

	"peerscope/cmd/peerscope/internal/config"
	"peerscope/engine/exchange"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// signingHelp is the part of the help that walk and similarity share.
const signingHelp = `
The request is signed with the identity, if there is one, else with a key made for the
occasion. A peer takes the identity to have moved to this command's address; --fresh-key
avoids that for an observer that is running.`

func (a *app) walkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "walk ADDR",
		Short: "Ask one address for an introduction, step by step",
		Long: `Send one introduction request to a peer or a tracker and wait for the response. Every step
is printed with its time since the start. Exit code 1 when there is no answer.
` + signingHelp,
		Example: `  peerscope walk 127.0.0.1:8470
  peerscope walk --style new --fresh-key 127.0.0.1:7001
  peerscope walk --community 8d0be1845d74d175f178197cad001591d04d73cc 127.0.0.1:7001`,
		Args: targetArg,
	}
	flags := addExchangeFlags(cmd)
	signing := addSigningFlags(cmd)
	style := cmd.Flags().String("style", "", "old (message 246, IPv4) or new (234); default: old to IPv4, new to IPv6")
	community := cmd.Flags().String("community", "", "id of the community to ask in (default the DiscoveryCommunity)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := communityFlag(*community)
		if err == nil {
			err = checkStyle(*style)
		}
		if err != nil {
			return usageError{cmd.CommandPath(), err}
		}
		return a.askSigned(cmd, args[0], flags, signing, func(self exchange.Self, s *exchange.Session) (exchange.Question, error) {
			chosen, err := chooseStyle(*style, s.Target())
			if err != nil {
				return exchange.Question{}, usageError{cmd.CommandPath(), err}
			}
			return self.Walk(s.Target(), id, chosen, s.Identifier())
		})
	}
	return cmd
}

func (a *app) similarityCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "similarity ADDR",
		Short: "Ask one address for its communities, step by step",
		Long: `Send a similarity request, which names the DiscoveryCommunity as ours, to one peer and wait
for the list of its communities. Every step is printed with its time since the start.
Exit code 1 when there is no answer.
` + signingHelp,
		Example: `  peerscope similarity 127.0.0.1:7001
  peerscope similarity --json --timeout 2s 127.0.0.1:7001`,
		Args: targetArg,
	}
	flags := addExchangeFlags(cmd)
	signing := addSigningFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.askSigned(cmd, args[0], flags, signing, func(self exchange.Self, s *exchange.Session) (exchange.Question, error) {
			return self.Similarity(s.Target(), s.Identifier())
		})
	}
	return cmd
}

// signingFlags say with which key a request is signed.
type signingFlags struct {
	settings *config.Flags
	fresh    *bool
}

func addSigningFlags(cmd *cobra.Command) signingFlags {
	return signingFlags{
		settings: settingFlags(cmd, "data-dir", "config"),
		fresh:    cmd.Flags().Bool("fresh-key", false, "sign with a new key instead of the identity"),
	}
}

// askSigned asks one question that needs a key.
func (a *app) askSigned(cmd *cobra.Command, target string, flags exchangeFlags, signing signingFlags,
	question func(exchange.Self, *exchange.Session) (exchange.Question, error)) error {
	key, file, err := a.signingKey(signing)
	if err != nil {
		return err
	}
	return a.exchangeWith(cmd, target, flags, func(s *exchange.Session, n *narrator) error {
		n.identity(s, key.Public(), file)
		q, err := question(exchange.Self{Local: s.Local(), Key: key}, s)
		if err != nil {
			return err
		}
		_, err = s.Ask(cmd.Context(), q)
		n.done(s)
		if errors.Is(err, exchange.ErrTimeout) {
			return errQuiet // the last step says so
		}
		return err
	})
}

// signingKey is the identity with its file, or a new key without one.
func (a *app) signingKey(signing signingFlags) (key keyvault.PrivateKey, file string, err error) {
	if *signing.fresh {
		key, err = keyvault.GenerateKey(nil)
		return key, "", err
	}
	path, err := a.keyPath(signing.settings, nil)
	if err != nil {
		return key, "", err
	}
	key, err = keyvault.ReadKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = keyvault.GenerateKey(nil)
		return key, "", err
	}
	if err != nil {
		return key, "", keyFileError(err)
	}
	return key, path, canSign(key, path)
}

// communityFlag reads a community id; none is the DiscoveryCommunity.
func communityFlag(text string) ([20]byte, error) {
	if text == "" {
		return wire.DiscoveryCommunityID, nil
	}
	id, err := peer.ParseCommunityID(text)
	if err != nil {
		return id, fmt.Errorf("--community: want an id of 40 hex digits, not %q", text)
	}
	return id, nil
}

func checkStyle(text string) error {
	switch exchange.Style(text) {
	case "", exchange.OldStyle, exchange.NewStyle:
		return nil
	}
	return fmt.Errorf("--style: want old or new, not %q", text)
}

// chooseStyle is the style asked for, else the one that a node would begin with
// (IPv8 reference 8.2).
func chooseStyle(text string, to netip.AddrPort) (exchange.Style, error) {
	switch {
	case text == "" && to.Addr().Is4():
		return exchange.OldStyle, nil
	case text == "":
		return exchange.NewStyle, nil
	case exchange.Style(text) == exchange.OldStyle && !to.Addr().Is4():
		return "", fmt.Errorf("--style old carries IPv4 addresses only, and %v is none", to)
	}
	return exchange.Style(text), nil
}
