"""Real trips and case counts played again as the streams a city would have sent."""
