// Judges our checkpoints and proofs with the packages that Go's own checksum database is checked with
// (golang.org/x/mod/sumdb/note and tlog, as Debian has them). It knows nothing of Footing but the three text formats.
//
//	sumdb-judge VKEY checkpoint FILE
//	sumdb-judge VKEY inclusion PROOF EVENT
//	sumdb-judge VKEY consistency PROOF OLD-CHECKPOINT
//	sumdb-judge VKEY tiles FOLDER
//
// It exits with 0 for what is good, and says on standard error why something is not.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := judge(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(args []string) error {
	if len(args) < 3 {
		return errors.New("usage: sumdb-judge VKEY checkpoint|inclusion|consistency|tiles FILE [FILE]")
	}
	verifier, err := note.NewVerifier(args[0])
	if err != nil {
		return err
	}
	keys := note.VerifierList(verifier)
	if args[1] == "tiles" {
		return tiles(args[2], keys)
	}
	text, err := os.ReadFile(args[2])
	if err != nil {
		return err
	}
	switch args[1] {
	case "checkpoint":
		_, err = tree(text, keys)
		return err
	case "inclusion":
		return inclusion(string(text), args[3], keys)
	case "consistency":
		return consistency(string(text), args[3], keys)
	}
	return fmt.Errorf("what is %q?", args[1])
}

// tree opens a signed note and reads it as a tree head. Go's own first line stands in for the log's name, which the note's
// key must have.
func tree(text []byte, keys note.Verifiers) (tlog.Tree, error) {
	opened, err := note.Open(text, keys)
	if err != nil {
		return tlog.Tree{}, err
	}
	origin, rest, _ := strings.Cut(opened.Text, "\n")
	if opened.Sigs[0].Name != origin {
		return tlog.Tree{}, fmt.Errorf("%s signed a checkpoint of %s", opened.Sigs[0].Name, origin)
	}
	return tlog.ParseTree([]byte("go.sum database tree\n" + rest))
}

func inclusion(proof, event string, keys note.Verifiers) error {
	head, checkpoint, _ := strings.Cut(proof, "\n\n")
	lines := strings.Split(head, "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof")
	}
	leaf, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	path, err := hashes(lines[3:])
	if err != nil {
		return err
	}
	signed, err := tree([]byte(checkpoint), keys)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(path, signed.N, signed.Hash, index, tlog.RecordHash(leaf)); err != nil {
		return err
	}
	// The leaf is in the tree; that it is of this event is between the two of them.
	stored, err := os.ReadFile(event)
	if err != nil {
		return err
	}
	var said struct {
		Payload string `json:"payload_sha256"`
		Seq     int64  `json:"seq"`
		Subject string `json:"subject"`
		Type    string `json:"type"`
	}
	var message struct{ Subject, Type string }
	if err := json.Unmarshal(leaf, &said); err != nil {
		return err
	}
	if err := json.Unmarshal(stored, &message); err != nil {
		return err
	}
	sum := sha256.Sum256(stored)
	if said.Payload != hex.EncodeToString(sum[:]) || said.Seq != index+1 || said.Subject != message.Subject || said.Type != message.Type {
		return errors.New("the leaf is of another event")
	}
	return nil
}

func consistency(proof, old string, keys note.Verifiers) error {
	head, checkpoint, _ := strings.Cut(proof, "\n\n")
	lines := strings.Split(head, "\n")
	size, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if err != nil {
		return err
	}
	path, err := hashes(lines[1:])
	if err != nil {
		return err
	}
	newer, err := tree([]byte(checkpoint), keys)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(old)
	if err != nil {
		return err
	}
	older, err := tree(text, keys)
	if err != nil {
		return err
	}
	if older.N != size {
		return fmt.Errorf("the proof begins at %d and the checkpoint has %d", size, older.N)
	}
	return tlog.CheckTree(path, newer.N, newer.Hash, older.N, older.Hash)
}

func hashes(lines []string) ([]tlog.Hash, error) {
	var read []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		read = append(read, hash)
	}
	return read, nil
}

// tiles takes the leaves' hashes from a folder of tiles, makes root and tiles of them again with Go's functions, and compares.
// (Go 0.7's TileHashReader is not used: where tiles of the right edge are shared it leaves some tiles unchecked.)
func tiles(folder string, keys note.Verifiers) error {
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return err
	}
	signed, err := tree(text, keys)
	if err != nil {
		return err
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var read []tlog.Hash
		for _, index := range indexes {
			read = append(read, stored[index])
		}
		return read, nil
	})
	var all []tlog.Tile
	for _, tile := range tlog.NewTiles(8, 0, signed.N) {
		// Of the growing end Go names every width; the last is the one that stands in the folder.
		if last := len(all) - 1; last >= 0 && all[last].L == tile.L && all[last].N == tile.N {
			all = all[:last]
		}
		all = append(all, tile)
	}
	var count int64
	for _, tile := range all {
		if tile.L != 0 {
			continue
		}
		data, err := file(folder, tile)
		if err != nil {
			return err
		}
		for ; len(data) >= tlog.HashSize; data = data[tlog.HashSize:] {
			var leaf tlog.Hash
			copy(leaf[:], data)
			more, err := tlog.StoredHashesForRecordHash(count, leaf, reader)
			if err != nil {
				return err
			}
			stored = append(stored, more...)
			count++
		}
	}
	if count != signed.N {
		return fmt.Errorf("the tiles have %d leaves and %d were signed", count, signed.N)
	}
	root, err := tlog.TreeHash(signed.N, reader)
	if err != nil {
		return err
	}
	if root != signed.Hash {
		return errors.New("the tiles lead to another root")
	}
	for _, tile := range all {
		expected, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return err
		}
		found, err := file(folder, tile)
		if err != nil {
			return err
		}
		if !bytes.Equal(found, expected) {
			return fmt.Errorf("%s is wrong", tile.Path())
		}
	}
	return nil
}

// file reads a tile. Go names the height of its tiles too: its tile/8/0/000 is tile/0/000 in C2SP.
func file(folder string, tile tlog.Tile) ([]byte, error) {
	return os.ReadFile(filepath.Join(folder, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
}
