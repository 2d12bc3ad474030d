package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"peerscope/cmd/peerscope/internal/config"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
)

// identityFile is the name of the key file in the data directory.
const identityFile = "identity.key"

func (a *app) keyCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "key",
		Short: "Show or make the identity",
		Long: `Show or make the identity: the private key by which other peers know this one. It is the
file identity.key in the data directory, in the form of py-ipv8's key files, which work
unchanged.`,
		Example: `  peerscope key show
  peerscope key new`,
	}, a.keyShow(), a.keyNew())
}

func (a *app) keyShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show [FILE]",
		Short: "Print the public part of a key",
		Long:  "Print the mid and the public key of the identity, or of the private key in FILE.",
		Example: `  peerscope key show
  peerscope key show --json ~/.Tribler/ec_multichain.pem`,
		Args: cobra.MaximumNArgs(1),
	}
	return a.keyRun(cmd, func(path string) (keyvault.PrivateKey, error) {
		key, err := keyvault.ReadKeyFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return key, fmt.Errorf("no key in %s; make one with 'peerscope key new'", path)
		}
		return key, keyFileError(err)
	})
}

func (a *app) keyNew() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "new [FILE]",
		Short: "Make a new identity",
		Long: `Make a new curve25519 key and write it, readable for you alone, to the data directory or
to FILE. A key that exists is never overwritten.`,
		Example: `  peerscope key new
  peerscope key new /tmp/other.key`,
		Args: cobra.MaximumNArgs(1),
	}
	return a.keyRun(cmd, func(path string) (keyvault.PrivateKey, error) {
		if err := makeDataDir(filepath.Dir(path)); err != nil {
			return keyvault.PrivateKey{}, err
		}
		key, err := keyvault.GenerateKey(nil)
		if err != nil {
			return key, err
		}
		err = keyvault.WriteKeyFile(path, key)
		if errors.Is(err, fs.ErrExist) {
			err = fmt.Errorf("%s exists and is not overwritten", path)
		}
		return key, err
	})
}

// keyRun adds flags to a command that gets a key from a file and shows it.
func (a *app) keyRun(cmd *cobra.Command, get func(path string) (keyvault.PrivateKey, error)) *cobra.Command {
	flags := settingFlags(cmd, "data-dir", "config")
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		path, err := a.keyPath(flags, args)
		if err != nil {
			return err
		}
		key, err := get(path)
		if err != nil {
			return err
		}
		return a.printKey(key, path, *asJSON)
	}
	return cmd
}

// keyPath is the file in args, else the identity of the data directory.
func (a *app) keyPath(flags *config.Flags, args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	c, err := a.load(flags)
	if err != nil {
		return "", err
	}
	return identityPath(c)
}

func identityPath(c config.Config) (string, error) {
	if c.DataDir == "" {
		return "", setupError{errors.New("there is no home directory for the data: give --data-dir")}
	}
	return filepath.Join(c.DataDir, identityFile), nil
}

// makeDataDir makes the directory of a private key, for its owner alone.
func makeDataDir(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return setupError{fmt.Errorf("data directory: %w", err)}
	}
	return nil
}

// keyFileError makes what is wrong with an existing key file a matter of setup.
func keyFileError(err error) error {
	if err == nil {
		return nil
	}
	return setupError{err}
}

// shownKey is the public side of a key as JSON.
type shownKey struct {
	Mid       peer.Mid `json:"mid"`
	PublicKey string   `json:"public_key"`
	KeyType   string   `json:"key_type"`
	File      string   `json:"file"`
}

func (a *app) printKey(key keyvault.PrivateKey, path string, asJSON bool) error {
	public := key.Public()
	shown := shownKey{
		Mid: peer.Mid(public.Mid()), PublicKey: hex.EncodeToString(public.Bytes()), KeyType: public.Type().String(), File: path,
	}
	if asJSON {
		return a.printJSON(shown)
	}
	_, err := fmt.Fprintf(a.stdout, "mid         %v\npublic key  %s\nkey type    %s\nfile        %s\n",
		shown.Mid, shown.PublicKey, shown.KeyType, shown.File)
	return err
}

// identity reads the node's key, or makes it where there is none.
func identity(c config.Config) (key keyvault.PrivateKey, created bool, err error) {
	path, err := identityPath(c)
	if err != nil {
		return key, false, err
	}
	if err := makeDataDir(c.DataDir); err != nil {
		return key, false, err
	}
	key, created, err = keyvault.LoadOrCreate(path, nil)
	if err != nil {
		return key, false, keyFileError(err)
	}
	return key, created, canSign(key, path)
}

// canSign refuses a key of one of the old curves, which only verify here.
func canSign(key keyvault.PrivateKey, path string) error {
	if key.CanSign() {
		return nil
	}
	return setupError{fmt.Errorf("%s holds a %v key, which cannot sign here; use another --data-dir, or move the file away and run 'peerscope key new'",
		path, key.Public().Type())}
}
