package keyvault

func validateSect(k PublicKey, t KeyType) error { return ErrKey }

func verifySect(k PublicKey, t KeyType, msg, sig []byte) error { return ErrSignature }
