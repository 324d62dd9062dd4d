"""The supply of fuel, minerals and food: terminals, shipments, depots, prices."""
