package keyvault

import (
	"encoding/hex"
	"math/big"
	"math/bits"
	"sync"
)

// binaryCurve is y² + xy = x³ + ax² + b over a binary field, with a base point of prime order n (SEC 2).
type binaryCurve struct {
	*field
	a       bool // a is 1, else 0
	koblitz bool // b is 1
	b       element
	base    affine
	n       *big.Int

	// baseTable holds the odd multiples of the base point for doubleScalarMul.
	baseTable [1 << (baseWindow - 2)]affine
}

// sectCurves is indexed by KeyType - Sect163K1. A curve is built at its first use: most nodes only ever meet the first.
var sectCurves = [...]func() *binaryCurve{
	sync.OnceValue(newSect163K1),
	sync.OnceValue(newSect233K1),
	sync.OnceValue(newSect409K1),
	sync.OnceValue(newSect571R1),
	sync.OnceValue(newSect571K1),
}

// sectCurve returns the curve of a legacy key type.
func sectCurve(t KeyType) *binaryCurve { return sectCurves[t-Sect163K1]() }

func newSect163K1() *binaryCurve {
	return newCurve(newField(163), true, "01",
		"02fe13c0537bbc11acaa07d793de4e6d5e5c94eee8",
		"0289070fb05d38ff58321f2e800536d538ccdaa3d9",
		"04000000000000000000020108a2e0cc0d99f8a5ef")
}

func newSect233K1() *binaryCurve {
	return newCurve(newField(233), false, "01",
		"017232ba853a7e731af129f22ff4149563a419c26bf50a4c9d6eefad6126",
		"01db537dece819b7f70f555a67c427a8cd9bf18aeb9b56e0c11056fae6a3",
		"8000000000000000000000000000069d5bb915bcd46efb1ad5f173abdf")
}

func newSect409K1() *binaryCurve {
	return newCurve(newField(409), false, "01",
		"0060f05f658f49c1ad3ab1890f7184210efd0987e307c84c27accfb8f9f67cc2c460189eb5aaaa62ee222eb1b35540cfe9023746",
		"01e369050b7c4e42acba1dacbf04299c3460782f918ea427e6325165e9ea10e3da5f6c42e9c55215aa9ca27a5863ec48d8e0286b",
		"7ffffffffffffffffffffffffffffffffffffffffffffffffffe5f83b2d4ea20400ec4557d5ed3e3e7ca5b4b5c83b8e01e5fcf")
}

func newSect571R1() *binaryCurve {
	return newCurve(newField(571), true,
		"02f40e7e2221f295de297117b7f3d62f5c6a97ffcb8ceff1cd6ba8ce4a9a18ad84ffabbd8efa59332be7ad6756a66e294afd185a78ff12aa520e4de739baca0c7ffeff7f2955727a",
		"0303001d34b856296c16c0d40d3cd7750a93d1d2955fa80aa5f40fc8db7b2abdbde53950f4c0d293cdd711a35b67fb1499ae60038614f1394abfa3b4c850d927e1e7769c8eec2d19",
		"037bf27342da639b6dccfffeb73d69d78c6c27a6009cbbca1980f8533921e8a684423e43bab08a576291af8f461bb2a8b3531d2f0485c19b16e2f1516e23dd3c1a4827af1b8ac15b",
		"03ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe661ce18ff55987308059b186823851ec7dd9ca1161de93d5174d66e8382e9bb2fe84e47")
}

func newSect571K1() *binaryCurve {
	return newCurve(newField(571), false, "01",
		"026eb7a859923fbc82189631f8103fe4ac9ca2970012d5d46024804801841ca44370958493b205e647da304db4ceb08cbbd1ba39494776fb988b47174dca88c7e2945283a01c8972",
		"0349dc807f4fbf374f4aeade3bca95314dd58cec9f307a54ffc61efc006d8a2c9d4979c0ac44aea74fbebbb9f772aedcb620b01a7ba7af1b320430c8591984f601cd4c143ef1c7a3",
		"020000000000000000000000000000000000000000000000000000000000000000000000131850e1f19a63e4b391a8db917f4138b630d84be5d639381e91deb45cfe778f637c1001")
}

// newCurve builds a curve from its parameters in big-endian hex.
func newCurve(f *field, a bool, b, gx, gy, n string) *binaryCurve {
	c := &binaryCurve{field: f, a: a, b: f.mustParse(b), base: affine{f.mustParse(gx), f.mustParse(gy)}}
	c.koblitz = c.b == one
	c.n = new(big.Int).SetBytes(mustHex(n))
	c.oddMultiples(c.baseTable[:], &c.base)
	return c
}

func (f *field) mustParse(s string) element {
	e, ok := f.parse(string(mustHex(s)))
	if !ok {
		panic("keyvault: curve parameter outside its field: " + s)
	}
	return e
}

func mustHex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic("keyvault: curve parameter is not hex: " + s)
	}
	return b
}

// topBit returns the index of the highest bit set in k.
func topBit(k int) int { return bits.Len(uint(k)) - 1 }
