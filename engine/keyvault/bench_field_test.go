package keyvault

import "testing"

func BenchmarkField(b *testing.B) {
	for _, t := range []KeyType{Sect163K1, Sect571K1} {
		c := sectCurve(t)
		x, y := c.base.x, c.base.y
		b.Run(t.String()+"/mul", func(b *testing.B) {
			for b.Loop() {
				c.mul(&x, &x, &y)
			}
		})
		b.Run(t.String()+"/square", func(b *testing.B) {
			for b.Loop() {
				c.square(&x, &x)
			}
		})
		b.Run(t.String()+"/reduce", func(b *testing.B) {
			var p product
			for b.Loop() {
				c.reduce(&x, &p)
			}
		})
		b.Run(t.String()+"/multiples", func(b *testing.B) {
			var p [16]element
			for b.Loop() {
				c.multiples(&p, &x)
			}
		})
		b.Run(t.String()+"/invert", func(b *testing.B) {
			for b.Loop() {
				c.invert(&x, &x)
			}
		})
	}
}
