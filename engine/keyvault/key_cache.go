package keyvault

// KeyCache keeps expanded Ed25519 public keys. It is safe for concurrent use.
type KeyCache struct{ size int }

// NewKeyCache returns a cache of at most size keys; 0 means the default.
func NewKeyCache(size int) *KeyCache { return &KeyCache{size} }
